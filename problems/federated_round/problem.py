"""One round of federated training: along which tree, at which widths, and who works on whose samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.candidate import Candidate, Infeasible, InvalidCandidate
from tasklet_bench.problems.collective.digest import digest_of
from tasklet_bench.problems.collective.model import parameters, sequence_flops
from tasklet_bench.problems.collective.network import Network
from tasklet_bench.problems.decisions.choice import Choice
from tasklet_bench.problems.decisions.product import Product
from tasklet_bench.problems.decisions.tree import Tree
from tasklet_bench.problems.drawing import Drawing
from tasklet_bench.problems.federated_round.menu import Menu
from tasklet_bench.problems.federated_round.setting import MESSAGE_BYTES, STATE_BYTES, TOKEN_BYTES, Setting
from tasklet_bench.problems.problem import Cost, Problem
from tasklet_bench.problems.topology import Site

if TYPE_CHECKING:
    from tasklet_bench.problems.federated_round.evaluate import Pack

Part = NDArray[np.int64]
Plan = tuple[Part, Part, Part]
"""A candidate: parent, level and host of each device, each `(N,)`."""

FAMILY = "federated-round"


@dataclass(frozen=True, eq=False)
class FederatedRoundProblem(Problem):
    """Devices that hold samples, the links between them, a model, and the menu of a system of federated training.

    Raises `BadInput` where not even the star at the device with most memory, everybody as wide as fits, is valid.
    """

    network: Network
    setting: Setting

    def __post_init__(self) -> None:
        from tasklet_bench.problems.federated_round.random_plan import widest_star

        if widest_star(self.setting) is None:
            menu = self.setting.menu
            raise BadInput(
                f"{self.name}: no star is valid: at a least utility of {menu.least_utility:g}, widths "
                f"{', '.join(f'{width:g}' for width in menu.widths)} need more memory than the devices have"
            )

    @classmethod
    def of_network(
        cls,
        network: Network,
        menu: Menu,
        samples: NDArray[np.float64],
        message_bytes: float = MESSAGE_BYTES,
        state_bytes: float = STATE_BYTES,
        token_bytes: float = TOKEN_BYTES,
    ) -> FederatedRoundProblem:
        """A round on a network: `samples` of each device, shape `(N,)`; bytes of a parameter and of a token."""
        topology, model = network.topology, network.model
        return cls(
            network,
            Setting(
                topology.delay_s,
                topology.bandwidth_bytes_s,
                network.devices.flops_s,
                network.devices.memory_bytes,
                samples,
                topology.site_of.astype(np.int64),
                float(parameters(model)),
                sequence_flops(model),
                token_bytes * model.sequence_length,
                menu,
                message_bytes,
                state_bytes,
            ),
        )

    @property
    def name(self) -> str:
        """Name that the catalogue or the file gives it."""
        return self.network.name

    @property
    def family(self) -> str:
        """`federated-round`."""
        return FAMILY

    @property
    def sites(self) -> tuple[Site, ...]:
        """Declared sites, in device order."""
        return self.network.topology.sites

    @cached_property
    def decision(self) -> Product:
        """A tree, a level of each device, and a host for the samples of each."""
        n = self.setting.n_devices
        return Product((Tree(n), Choice((len(self.setting.menu.widths),) * n), Choice((n,) * n)))

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the links, devices, samples, model and menu; of sites only where offloading asks for them."""
        s = self.setting
        sites = s.site_of if s.menu.offloading == "site" else np.zeros(0)
        numbers = (s.n_params, s.sample_flop, s.sample_bytes, s.message_bytes, s.state_bytes)
        return digest_of(FAMILY, asdict(s.menu), self.network, s.flop_s, s.memory_bytes, s.samples, sites, numbers)

    @cached_property
    def pack(self) -> Pack:
        """The setting in the form that compiled code takes, with scratch memory."""
        from tasklet_bench.problems.federated_round.evaluate import pack_setting

        return pack_setting(self.setting)

    def __getstate__(self) -> dict[str, object]:
        """A copy makes a pack of its own: two must not share scratch memory."""
        return {name: value for name, value in self.__dict__.items() if name != "pack"}

    def cost(self, candidate: Candidate) -> Cost:
        """Seconds of a round, and of its four parts; raises `InvalidCandidate` or `Infeasible` with the reason."""
        from tasklet_bench.problems.federated_round.evaluate import evaluate

        parent, level, host = self._plain(candidate)
        result, download_s, offload_s, compute_s, aggregate_s = evaluate(self.pack, parent, level, host)
        if result:
            self.judge((parent, level, host))
            raise Infeasible("the compiled evaluation refuses what the judge takes")  # they disagree: a fault
        return Cost(
            download_s + offload_s + compute_s + aggregate_s,
            {"download_s": download_s, "offload_s": offload_s, "compute_s": compute_s, "aggregate_s": aggregate_s},
        )

    def judge(self, candidate: Candidate) -> Cost:
        """The same by plain code that tells a round step by step."""
        from tasklet_bench.problems.federated_round.judge import play

        parent, level, host = (part.tolist() for part in self.decision.check(candidate))
        parts_s = play(self.setting, parent, level, host).parts_s
        return Cost(sum(parts_s.values()), parts_s)

    def bound(self) -> float:
        """A proven lower bound on the cost (in seconds)."""
        from tasklet_bench.problems.federated_round.bound import lower_bound

        return lower_bound(self.setting)

    def starts(self) -> Mapping[str, Plan]:
        """The baselines: the best star, a head in each site, one site where samples may go anywhere; and trimmed."""
        from tasklet_bench.problems.federated_round.starts import baselines

        return baselines(self.setting, self.pack)

    def random(self, rng: np.random.Generator) -> Plan:
        """Draw a valid candidate: heads below a root, the others below these, half of the devices narrower."""
        from tasklet_bench.problems.federated_round.random_plan import draw_plan

        return draw_plan(self.setting, self.pack, rng)

    def neighbour(self, candidate: Candidate, rng: np.random.Generator) -> Plan:
        """Hang a device elsewhere, move the root along a path, exchange two devices, change a level or a host."""
        from tasklet_bench.problems.federated_round.moves import change

        return change(self.setting, candidate, rng)

    def repair(self, candidate: Candidate) -> Plan | None:
        """A valid candidate near one that breaks a rule; None where only the star would be left."""
        from tasklet_bench.problems.federated_round.repair import repair

        return repair(self.setting, self.pack, candidate)

    def facts(self) -> Mapping[str, str | int | float]:
        """What the page and `show` tell of the instance."""
        from tasklet_bench.problems.federated_round.description import facts

        return facts(self)

    def kinds(self) -> Mapping[str, str]:
        """Kinds of the instance, for tables by kind."""
        from tasklet_bench.problems.federated_round.description import kinds

        return kinds(self)

    def drawing(self, candidate: Candidate) -> Drawing:
        """The tree along which models travel, with the seconds of each edge."""
        from tasklet_bench.problems.federated_round.description import draw_tree

        return draw_tree(self.setting, *self.decision.check(candidate))

    def candidate_to_json(self, candidate: Candidate) -> dict[str, Any]:
        """The object of an allocation file: parent, level and host of each device."""
        return dict(zip(_KEYS, self.decision.to_json(candidate), strict=True))

    def candidate_from_json(self, data: Mapping[str, Any]) -> Plan:
        """Read such an object, or `candidate` as the list of the three; other keys are ignored."""
        if "candidate" in data and not set(_KEYS) & set(data):
            parts = data["candidate"]
        elif missing := [key for key in _KEYS if key not in data]:
            raise InvalidCandidate(f"found no {' and no '.join(missing)}, expected parent, level and host")
        else:
            parts = [data[key] for key in _KEYS]
        parent, level, host = self.decision.from_json(parts)
        return parent, level, host

    def _plain(self, candidate: Candidate) -> Plan:
        """The three arrays as compiled code takes them: int64, in C order, writable."""
        n = self.setting.n_devices
        if not (type(candidate) is tuple and len(candidate) == 3 and all(_is_plain(part, n) for part in candidate)):
            candidate = self.decision.check(candidate)
        parent, level, host = candidate
        return np.array(parent, order="C"), np.array(level, order="C"), np.array(host, order="C")


_KEYS = ("parent", "level", "host")


def _is_plain(part: Any, n: int) -> bool:
    return type(part) is np.ndarray and part.dtype == np.int64 and part.shape == (n,)
