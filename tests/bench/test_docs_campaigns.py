"""The campaign file of docs/campaigns.md is one."""

from __future__ import annotations

import re
from pathlib import Path

from tasklet_bench.bench.campaigns.campaign_file import campaign_of

PAGE = Path(__file__).parents[2] / "docs" / "campaigns.md"


def test_the_page_s_campaign_can_be_planned(tmp_path: Path) -> None:
    """Two instances, three entrants of which one is deterministic, two budgets, three seeds."""
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "campaign.toml"
    file.write_text(text, encoding="utf-8")
    campaign = campaign_of(str(file))
    assert campaign.suite == "my-comparison"
    assert len(list(campaign.specs())) == 2 * 2 * (3 + 3 + 1)
