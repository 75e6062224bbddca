//! Where boxes stand: in rows, each below what leads to it, in an order that crosses few arrows. Whole pixels, so that the same
//! diagram is the same picture everywhere.

use super::{Diagram, Line, Look};

/// Height of a box.
pub(super) const HEIGHT: i32 = 52;
/// From one row to the next.
const ROW: i32 = 104;
/// Between two boxes of a row.
pub(super) const GAP: i32 = 44;
/// Between a box and what stands beside it; an arrow with a label runs there.
const ASIDE: i32 = 120;
/// How often order and places are improved.
const SWEEPS: usize = 12;

/// A box or a bend of an arrow, with its middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// The box; a bend has none.
    pub node: Option<usize>,
    pub row: usize,
    pub x: i32,
    pub width: i32,
    /// What stands at its right side takes this much room.
    trail: i32,
}

/// Where everything stands.
pub(super) struct Layout {
    /// The boxes first, by their place; then the bends.
    pub spots: Vec<Spot>,
    /// For each arrow that leads down, the spots it runs through, ends included; others have none.
    pub paths: Vec<Vec<usize>>,
}

impl Spot {
    /// The middle's height.
    pub fn y(&self) -> i32 {
        i32::try_from(self.row).unwrap_or(0) * ROW
    }
}

pub(super) fn layout(diagram: &Diagram) -> Layout {
    let rows = rows(diagram);
    let mut spots: Vec<Spot> = diagram
        .nodes
        .iter()
        .enumerate()
        .map(|(node, it)| Spot {
            node: Some(node),
            row: rows[node],
            x: 0,
            width: width(&it.name, &it.note, it.look),
            trail: 0,
        })
        .collect();
    for (node, it) in diagram.nodes.iter().enumerate() {
        if let Some(owner) = owner(diagram, it.beside) {
            spots[owner].trail += ASIDE + spots[node].width;
        }
    }
    let paths = bend(diagram, &mut spots);
    let links: Vec<(usize, usize)> =
        paths.iter().flat_map(|path| path.windows(2).map(|pair| (pair[0], pair[1]))).collect();
    let mut grid = Grid { spots, links, order: Vec::new() };
    grid.place(diagram);
    let mut spots = grid.spots;
    trail(diagram, &mut spots);
    Layout { spots, paths }
}

fn width(name: &str, note: &str, look: Look) -> i32 {
    let letters = |text: &str| i32::try_from(text.chars().count()).unwrap_or(0);
    match look {
        Look::Bar => 150,
        Look::End if note.is_empty() => letters(name) * 8 + 40,
        _ => (letters(name) * 17 / 2).max(letters(note) * 13 / 2).max(96) + 32,
    }
}

/// The box at the left end of a row of boxes that stand beside each other.
fn owner(diagram: &Diagram, beside: Option<usize>) -> Option<usize> {
    let mut owner = beside?;
    for _ in &diagram.nodes {
        match diagram.nodes[owner].beside {
            Some(next) => owner = next,
            None => break,
        }
    }
    Some(owner)
}

/// Each box one row below the lowest that leads to it; what nothing leads to but errors begins below everything.
fn rows(diagram: &Diagram) -> Vec<usize> {
    let count = diagram.nodes.len();
    let down: Vec<(usize, usize)> = diagram
        .edges
        .iter()
        .filter(|edge| edge.line == Line::Next)
        .map(|edge| (owner(diagram, Some(edge.from)).unwrap_or(edge.from), edge.to))
        .filter(|(from, to)| from != to && diagram.nodes[*to].beside.is_none())
        .collect();
    let mut reached = vec![false; count];
    let mut rows = vec![0_usize; count];
    let mut base = 0;
    for root in 0..count {
        if reached[root] || diagram.nodes[root].beside.is_some() || down.iter().any(|(_, to)| *to == root) {
            continue;
        }
        reached[root] = true;
        rows[root] = base;
        // Longest paths; there are no circles among arrows that lead down, and a bound in case there are.
        for _ in 0..count {
            for &(from, to) in &down {
                if reached[from] {
                    reached[to] = true;
                    rows[to] = rows[to].max(rows[from] + 1);
                }
            }
        }
        base = (0..count).filter(|&node| reached[node]).map(|node| rows[node]).max().unwrap_or(0) + 1;
    }
    for node in 0..count {
        if let Some(owner) = owner(diagram, diagram.nodes[node].beside) {
            rows[node] = rows[owner];
        }
    }
    rows
}

/// Arrows over more than one row get a bend in each row between.
fn bend(diagram: &Diagram, spots: &mut Vec<Spot>) -> Vec<Vec<usize>> {
    let mut paths = Vec::new();
    for edge in &diagram.edges {
        let (from, to) = (spots[edge.from].row, spots[edge.to].row);
        if edge.line != Line::Next || to <= from {
            paths.push(Vec::new());
            continue;
        }
        let mut path = vec![edge.from];
        for row in from + 1..to {
            spots.push(Spot { node: None, row, x: 0, width: 16, trail: 0 });
            path.push(spots.len() - 1);
        }
        path.push(edge.to);
        paths.push(path);
    }
    paths
}

/// Spots and the straight pieces between them.
struct Grid {
    spots: Vec<Spot>,
    links: Vec<(usize, usize)>,
    /// By row, from left to right; what stands beside another is not in it.
    order: Vec<Vec<usize>>,
}

impl Grid {
    fn place(&mut self, diagram: &Diagram) {
        let depth = self.spots.iter().map(|spot| spot.row + 1).max().unwrap_or(0);
        self.order = vec![Vec::new(); depth];
        for (at, spot) in self.spots.iter().enumerate() {
            if spot.node.is_none_or(|node| diagram.nodes[node].beside.is_none()) {
                self.order[spot.row].push(at);
            }
        }
        for row in 0..depth {
            self.settle(row, &vec![None; self.order[row].len()]);
        }
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            for step in 0..depth {
                let row = if down { step } else { depth - 1 - step };
                if sweep < SWEEPS / 2 {
                    let mut keyed: Vec<(i32, usize)> = self.order[row]
                        .iter()
                        .map(|&at| (self.wish(at, down).unwrap_or(self.spots[at].x), at))
                        .collect();
                    keyed.sort_by_key(|(x, _)| *x);
                    self.order[row] = keyed.into_iter().map(|(_, at)| at).collect();
                }
                let wishes: Vec<Option<i32>> =
                    self.order[row].iter().map(|&at| self.wish(at, down)).collect();
                self.settle(row, &wishes);
            }
        }
    }

    /// The middle of the spots linked above, or below.
    fn wish(&self, at: usize, above: bool) -> Option<i32> {
        let near: Vec<i32> = self
            .links
            .iter()
            .filter_map(|&(from, to)| match (above, from == at, to == at) {
                (true, _, true) => Some(self.spots[from].x),
                (false, true, _) => Some(self.spots[to].x),
                _ => None,
            })
            .collect();
        let count = i32::try_from(near.len()).ok().filter(|count| *count > 0)?;
        Some(near.iter().sum::<i32>() / count)
    }

    /// Puts a row as close to its wishes as its order and widths allow.
    fn settle(&mut self, row: usize, wishes: &[Option<i32>]) {
        let order = self.order[row].clone();
        let mut placed: Vec<i32> = Vec::new();
        let mut off = 0;
        let mut right = i32::MIN / 4;
        for (&at, wish) in order.iter().zip(wishes) {
            let spot = self.spots[at];
            let wish = wish.unwrap_or(spot.x);
            let x = wish.max(right + spot.width / 2);
            off += x - wish;
            right = x + spot.width / 2 + spot.trail + GAP;
            placed.push(x);
        }
        let shift = i32::try_from(order.len()).ok().filter(|count| *count > 0).map_or(0, |count| off / count);
        for (&at, x) in order.iter().zip(placed) {
            self.spots[at].x = x - shift;
        }
    }
}

/// Puts what stands beside others at their right side.
fn trail(diagram: &Diagram, spots: &mut [Spot]) {
    for first in 0..diagram.nodes.len() {
        if diagram.nodes[first].beside.is_some() {
            continue;
        }
        let mut right = spots[first].x + spots[first].width / 2;
        let beside = |spot: &Spot| {
            spot.node.is_some_and(|node| owner(diagram, diagram.nodes[node].beside) == Some(first))
        };
        for spot in spots.iter_mut().filter(|spot| beside(spot)) {
            spot.x = right + ASIDE + spot.width / 2;
            right = spot.x + spot.width / 2;
        }
    }
}
