"""What tools print, with their oddities, written for the tests."""

PING = """\
PING rome (10.0.0.43) 56(84) bytes of data.
64 bytes from rome (10.0.0.43): icmp_seq=1 ttl=55 time=91.3 ms
64 bytes from rome (10.0.0.43): icmp_seq=2 ttl=55 time=38.1 ms
64 bytes from rome (10.0.0.43): icmp_seq=2 ttl=55 time=900 ms (DUP!)
64 bytes from rome (10.0.0.43): icmp_seq=3 ttl=55 time=38.0 ms

--- rome ping statistics ---
4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 3004ms
rtt min/avg/max/mdev = 38.012/55.800/91.312/25.114 ms
"""
PING_MACOS = """\
PING rome (10.0.0.43): 56 data bytes
64 bytes from 10.0.0.43: icmp_seq=0 ttl=55 time=38.021 ms
Request timeout for icmp_seq 1
64 bytes from 10.0.0.43: icmp_seq=2 ttl=55 time=38.207 ms

--- rome ping statistics ---
3 packets transmitted, 2 packets received, 33.3% packet loss
round-trip min/avg/max/stddev = 38.021/38.114/38.207/0.093 ms
"""
PING_QUIET_BUSYBOX = """\
PING rome (10.0.0.43): 56 data bytes

--- rome ping statistics ---
5 packets transmitted, 5 packets received, 0% packet loss
round-trip min/avg/max = 37.9/38.1/38.6 ms
"""
PING_WINDOWS = """\

Pinging rome [10.0.0.43] with 32 bytes of data:
Reply from 10.0.0.43: bytes=32 time=38ms TTL=55
Reply from 10.0.0.43: bytes=32 time=39ms TTL=55
Request timed out.
Reply from 10.0.0.43: bytes=32 time=38ms TTL=55

Ping statistics for 10.0.0.43:
    Packets: Sent = 4, Received = 3, Lost = 1 (25% loss),
Approximate round trip times in milli-seconds:
    Minimum = 38ms, Maximum = 39ms, Average = 38ms
"""
PING_LOST = """\
PING 10.0.0.99 (10.0.0.99) 56(84) bytes of data.
From 10.0.0.12 icmp_seq=1 Destination Host Unreachable

--- 10.0.0.99 ping statistics ---
3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2049ms
"""
FPING = """\
rome   : 38.1 38.0 - 39.2
lyon   : - - -
bonn   : 21.5 21.4 21.7
"""
FPING_COUNTED = """\
rome : xmt/rcv/%loss = 5/5/0%, min/avg/max = 37.9/38.1/38.6
lyon : xmt/rcv/%loss = 5/0/100%
"""
FPING_ALIVE = "rome is alive (38.1 ms)\nlyon is unreachable\n"


def iperf3(bits_per_second: float, rtt_us: int = 77793, system: str = "", reverse: int = 0) -> str:
    """What `iperf3 -c 10.0.0.43 --json` prints, shortened."""
    return f"""{{
  "start": {{
    "connected": [{{"socket": 5, "local_host": "10.0.0.12", "local_port": 1, "remote_host": "10.0.0.43"}}],
    "version": "iperf 3.12", "system_info": "{system}",
    "connecting_to": {{"host": "10.0.0.43", "port": 5201}},
    "test_start": {{"protocol": "TCP", "num_streams": 1, "omit": 1, "duration": 10, "reverse": {reverse}}}
  }},
  "intervals": [],
  "end": {{
    "streams": [{{"sender": {{"bits_per_second": {bits_per_second * 1.01}, "mean_rtt": {rtt_us}}}, "receiver": {{}}}}],
    "sum_sent": {{"bits_per_second": {bits_per_second * 1.01}}},
    "sum_received": {{"bits_per_second": {bits_per_second}}}
  }}
}}
"""


NCCL = """\
bash: warning: setlocale: LC_ALL: cannot change locale
# nThread 1 nGpus 1 minBytes 8 maxBytes 134217728 step: 16(factor) warmup iters: 5 iters: 20 agg iters: 1 validation: 1
#
# Using devices
#  Rank  0 Group  0 Pid 101 on       oslo device  0 [0x31] NVIDIA A100-SXM4-40GB
#  Rank  1 Group  0 Pid 202 on       rome device  0 [0x31] NVIDIA A100-SXM4-40GB
#
#                                                              out-of-place                       in-place
#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong
#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)
           8             2     float     sum      -1  19034.2    0.00    0.00      0  19033.6    0.00    0.00    N/A
       65536         16384     float     sum      -1  19061.0    0.00    0.00      0  19060.2    0.00    0.00    N/A
   134217728      33554432     float     sum      -1  1192400    0.11    0.11      0  1192881    0.11    0.11    N/A
# Out of bounds values : 0 OK
# Avg bus bandwidth    : 0.0373
#
"""
RCCL_RING = """\
# nThread 1 nGpus 3 minBytes 8 maxBytes 8 step: 2(factor) warmup iters: 5 iters: 20 validation: 1
rccl-tests: Version develop:83d38d9
# Using devices
#   Rank  0 Pid  5897 on       oslo device  0 [0000:05:00] AMD Instinct MI300X
#   Rank  1 Pid  5897 on       oslo device  1 [0000:33:00] AMD Instinct MI300X
#   Rank  2 Pid  5897 on       oslo device  2 [0000:53:00] AMD Instinct MI300X
#
"""
RCCL_OLD = """\
# nThread 1 nGpus 2 minBytes 37748736 maxBytes 37748736 step: 1048576(bytes) warmup iters: 5 iters: 20 validation: 1
#
# Using devices
#   Rank  0 Pid   5897 on         x0 device  0 [0x05] AMD Instinct MI100
#   Rank  1 Pid   5897 on         x0 device  1 [0x06] AMD Instinct MI100
#
#                                               out-of-place                       in-place
#       size         count      type     time   algbw   busbw  error     time   algbw   busbw  error
#        (B)    (elements)               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)
    37748736      37748736     uint8   6485.7    5.82    5.82  0e+00   6496.1    5.81    5.81  3e+02
"""
GRAPHML = """\
<?xml version="1.0" encoding="utf-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key attr.name="Network" attr.type="string" for="graph" id="d0" />
  <key attr.name="Latitude" attr.type="double" for="node" id="d1" />
  <key attr.name="Longitude" attr.type="double" for="node" id="d2" />
  <key attr.name="label" attr.type="string" for="node" id="d3" />
  <key attr.name="LinkSpeedRaw" attr.type="double" for="edge" id="d4" />
  <key attr.name="LinkLabel" attr.type="string" for="edge" id="d5" />
  <graph edgedefault="undirected">
    <data key="d0">Small &amp; old</data>
    <node id="0"><data key="d1">59.91</data><data key="d2">10.75</data><data key="d3">Oslo</data></node>
    <node id="1"><data key="d1">41.90</data><data key="d2">12.48</data><data key="d3">Rome</data></node>
    <node id="2"><data key="d1">46.95</data><data key="d2">7.45</data><data key="d3">Bern</data></node>
    <node id="3"><data key="d3">None</data></node>
    <node id="4"><data key="d1">48.21</data><data key="d2">16.37</data><data key="d3">Bern</data></node>
    <edge source="0" target="2"><data key="d4">10000000000.0</data></edge>
    <edge source="0" target="2"><data key="d4">2500000000.0</data></edge>
    <edge source="2" target="1"><data key="d4">1000000000.0</data><data key="d5">1 Gbps</data></edge>
    <edge source="1" target="4"><data key="d5">unknown</data></edge>
  </graph>
</graphml>
"""
GML = """\
graph [
  directed 0
  multigraph 1
  label "Small"
  Note "made for a test, http://example.org/#map"
  node [
    id 0
    label "Oslo"
    Longitude 10.75
    Latitude 59.91
  ]
  node [
    id 1
    label "Z&#252;rich"
    Longitude 8.54
    Latitude 47.38
  ]
  edge [
    source 0
    target 1
    LinkSpeed "10"
    LinkSpeedUnits "G"
    LinkSpeedRaw 10000000000.0
  ]
]
"""
MATRIX = """\
Average latency (ms),Dallas,Toronto,Washington DC,Frankfurt
Dallas,,34,31,123
Toronto,34,,19,n/a
Washington DC,31,19,,91
Frankfurt,123,93,91,
"""
MATRIX_GERMAN = "\ufeffUmlaufzeit, median\r\nRTT in s;Köln;Bonn\r\nKöln;-;0,004\r\nBonn;0,004;–\r\n"
LINKS = """\
# made by hand
src,dst,rtt_ms,delay_ms,throughput (Mbit/s),rtt_quality
Oslo,Rome,38,19,900,good
Rome,Oslo,38,19,,good
Oslo,Oslo,0.4,0.2,10000,
"""
