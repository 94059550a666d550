# Hill climbing on labelled groups. Reads "seed size size ..."; then writes labels, reads their cost, and so on.
use strict;
use warnings;

$| = 1;
my ($seed, @sizes) = split ' ', scalar <STDIN>;
srand $seed;
my @labels = map { ($_) x $sizes[$_] } 0 .. $#sizes;
for my $i (reverse 1 .. $#labels) {
    my $j = int rand($i + 1);
    @labels[$i, $j] = @labels[$j, $i];
}
my ($i, $j, $best) = (0, 0, 'inf');
while (1) {
    print "@labels\n";
    my $cost = <STDIN>;
    last unless defined $cost;
    if ($cost <= $best) { $best = $cost + 0 }
    else { @labels[$i, $j] = @labels[$j, $i] }
    ($i, $j) = (int rand @labels, int rand @labels);
    @labels[$i, $j] = @labels[$j, $i];
}
