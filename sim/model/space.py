"""Network of states, with edges between states that can request legal assistance under a treaty."""

from typing import Any

import networkx as nx
import numpy as np
from mesa.discrete_space import Cell, Network

from sim.data.load import read_table
from sim.law.vocabulary import Channel
from sim.policy.places import load_atlas

#: Channels by which a state assists another under a treaty, or keeps data for it at once.
_CHANNELS = (*(channel for channel in Channel if channel.row.treaty), Channel.PRESERVATION_24_7)
#: Nearly all states are bound by it, so that an edge for it would join everybody.
_WORLDWIDE = "untoc"


class StateNetwork(Network):
    """Discrete space of Mesa with one cell per state, and edges for treaties in force.

    A node is the row of a state in the world's tables, with its ISO code as `state` and its place on the tile map as
    `tile` (column, row from below). An edge lists its `instruments`: entries of sim/data/terms.yaml that
    are open in either direction; the UN convention on organised crime makes no edge.
    """

    def __init__(self, model: Any) -> None:
        atlas, tiles = load_atlas(), tile_map()
        graph = nx.Graph()
        for row in model.rows:
            code = model.law.states[row]
            graph.add_node(row, state=code, name=atlas.names[code], tile=tiles.get(code, (0.0, 0.0)))
        super().__init__(graph, random=model.random, **_layout(graph))
        self.renew(model)

    def renew(self, model: Any) -> None:
        """Updates the edges between states to the law of today."""
        now = self._bound(model)
        for edge in [edge for edge in self.G.edges if (min(edge), max(edge)) not in now]:
            self.remove_connection(self[edge[0]], self[edge[1]])
        for (a, b), instruments in now.items():
            if not self.G.has_edge(a, b):
                self.add_connection(self[a], self[b])
            self.G.edges[a, b]["instruments"] = tuple(sorted(instruments))

    def _bound(self, model: Any) -> dict[tuple[int, int], set[str]]:
        """Names of the open instruments between each pair of nodes, lower node number first."""
        rows, terms = np.array(model.rows), model.law.terms
        bound: dict[tuple[int, int], set[str]] = {}
        for channel in _CHANNELS:
            instrument = model.world.instrument[np.ix_(rows, rows)][:, :, channel]
            for a, b in np.argwhere(instrument >= 0).tolist():
                term = terms[instrument[a, b]]
                if a != b and term.treaty != _WORLDWIDE:
                    bound.setdefault((model.rows[min(a, b)], model.rows[max(a, b)]), set()).add(term.id)
        return bound

    def __getitem__(self, node: int) -> Cell:
        """Cell of the state with this node number."""
        return self._cells[node]


def tile_map() -> dict[str, tuple[float, float]]:
    """Column and row (from below) of each state's tile on the map, by state code."""
    return {row["iso3"]: (float(row["column"]), -float(row["row"])) for row in read_table("tile_grid.csv").rows}


def _layout(graph: nx.Graph) -> dict[str, Any]:
    """Positions of nodes on the map, for versions of Mesa that use positions."""
    import inspect

    if "layout" not in inspect.signature(Network.__init__).parameters:
        return {}
    return {"layout": dict(graph.nodes(data="tile"))}
