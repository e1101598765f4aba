//! Spreading plans over supporters, pure: least loaded first, never over the norm, and then moves along chains until no
//! chain makes the spread smaller.

use std::collections::VecDeque;

/// Plans with the same supporters to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Places of the supporters that may take them.
    pub eligible: Vec<usize>,
    /// How many plans.
    pub plans: usize,
}

/// A supporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Open plans by now.
    pub load: usize,
    /// The most there may be.
    pub norm: usize,
}

/// How many plans of each group go to each supporter: `result[group][supporter]`. What nobody can take stays out.
#[must_use]
pub fn spread(groups: &[Group], supporters: &[Capacity]) -> Vec<Vec<usize>> {
    let mut state = State {
        groups,
        loads: supporters.iter().map(|s| s.load).collect(),
        norms: supporters.iter().map(|s| s.norm).collect(),
        given: vec![vec![0; supporters.len()]; groups.len()],
    };
    // Whoever has the least choice goes first.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|g| (groups[*g].eligible.len(), *g));
    for group in order {
        for _ in 0..groups[group].plans {
            if !state.give(group) {
                break;
            }
        }
    }
    state.even_out();
    state.given
}

struct State<'a> {
    groups: &'a [Group],
    loads: Vec<usize>,
    norms: Vec<usize>,
    given: Vec<Vec<usize>>,
}

/// How a supporter was reached: from whom, by moving a plan of which group.
type Reached = Vec<Option<(usize, usize)>>;

impl State<'_> {
    fn has_room(&self, supporter: usize) -> bool {
        self.loads[supporter] < self.norms[supporter]
    }

    /// Gives one plan of a group to the least loaded; where all are full, makes room along a chain.
    fn give(&mut self, group: usize) -> bool {
        let eligible = &self.groups[group].eligible;
        let least = eligible
            .iter()
            .copied()
            .filter(|s| self.has_room(*s))
            .min_by_key(|s| (self.loads[*s], *s));
        let taker = match least {
            Some(taker) => taker,
            None => {
                let Some((first, last, reached)) = eligible.iter().find_map(|from| {
                    let reached = self.reach(*from);
                    let last = self.least_of(&reached, *from, usize::MAX)?;
                    Some((*from, last, reached))
                }) else {
                    return false;
                };
                self.shift(first, last, &reached);
                first
            }
        };
        self.given[group][taker] += 1;
        self.loads[taker] += 1;
        true
    }

    /// Moves plans from the most loaded along chains while a difference of two or more can shrink.
    fn even_out(&mut self) {
        loop {
            let mut order: Vec<usize> = (0..self.loads.len()).collect();
            order.sort_by_key(|s| (std::cmp::Reverse(self.loads[*s]), *s));
            let moved = order.into_iter().any(|from| {
                let reached = self.reach(from);
                match self.least_of(&reached, from, self.loads[from].saturating_sub(1)) {
                    Some(last) => {
                        self.shift(from, last, &reached);
                        true
                    }
                    None => false,
                }
            });
            if !moved {
                return;
            }
        }
    }

    /// Everyone to whom a plan given to `from` could pass, through others if need be.
    fn reach(&self, from: usize) -> Reached {
        let mut reached: Reached = vec![None; self.loads.len()];
        let mut queue = VecDeque::from([from]);
        while let Some(holder) = queue.pop_front() {
            for (g, group) in self.groups.iter().enumerate() {
                if self.given[g][holder] == 0 {
                    continue;
                }
                for next in &group.eligible {
                    if *next != from && reached[*next].is_none() {
                        reached[*next] = Some((holder, g));
                        queue.push_back(*next);
                    }
                }
            }
        }
        reached
    }

    /// The least loaded of those reached that has room and less than `below`.
    fn least_of(&self, reached: &Reached, from: usize, below: usize) -> Option<usize> {
        (0..self.loads.len())
            .filter(|s| *s != from && reached[*s].is_some() && self.has_room(*s) && self.loads[*s] < below)
            .min_by_key(|s| (self.loads[*s], *s))
    }

    /// Passes one plan from each to the next along the chain that ends in `last`.
    fn shift(&mut self, first: usize, last: usize, reached: &Reached) {
        let mut to = last;
        while to != first {
            let Some((from, group)) = reached[to] else { return };
            self.given[group][from] -= 1;
            self.given[group][to] += 1;
            to = from;
        }
        self.loads[first] -= 1;
        self.loads[last] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(eligible: &[usize], plans: usize) -> Group {
        Group {
            eligible: eligible.to_vec(),
            plans,
        }
    }

    fn free(n: usize, norm: usize) -> Vec<Capacity> {
        vec![Capacity { load: 0, norm }; n]
    }

    fn loads(given: &[Vec<usize>], supporters: &[Capacity]) -> Vec<usize> {
        supporters
            .iter()
            .enumerate()
            .map(|(s, c)| c.load + given.iter().map(|g| g[s]).sum::<usize>())
            .collect()
    }

    #[test]
    fn the_spread_is_one_at_most_where_everyone_may_take_everything() {
        let supporters = free(4, 100);
        let given = spread(&[group(&[0, 1, 2, 3], 10)], &supporters);
        let mut loads = loads(&given, &supporters);
        loads.sort_unstable();
        assert_eq!(loads, [2, 2, 3, 3]);
    }

    #[test]
    fn chains_even_out_what_greed_leaves_uneven() {
        // 0 and 1 share ten, 1 and 2 share two: 1 gives way so that nobody has more than five.
        let supporters = free(3, 100);
        let given = spread(&[group(&[0, 1], 10), group(&[1, 2], 2)], &supporters);
        assert_eq!(loads(&given, &supporters), [5, 5, 2]);
        let given = spread(
            &[group(&[0, 1], 6), group(&[1, 2], 6), group(&[2, 3], 0)],
            &free(4, 100),
        );
        assert_eq!(loads(&given, &free(4, 100)), [4, 4, 4, 0]);
    }

    #[test]
    fn those_who_carry_much_already_get_less() {
        let supporters = [Capacity { load: 7, norm: 100 }, Capacity { load: 0, norm: 100 }];
        let given = spread(&[group(&[0, 1], 9)], &supporters);
        assert_eq!(loads(&given, &supporters), [8, 8]);
    }

    #[test]
    fn nobody_is_over_the_norm_and_a_chain_makes_room() {
        let supporters = free(2, 3);
        let given = spread(&[group(&[0, 1], 9)], &supporters);
        assert_eq!(loads(&given, &supporters), [3, 3], "three are left over");
        // Both groups may use 1; without passing plans on, the second would find no room.
        let supporters = [Capacity { load: 0, norm: 4 }, Capacity { load: 0, norm: 2 }];
        let given = spread(&[group(&[0, 1], 4), group(&[1], 2)], &supporters);
        assert_eq!(loads(&given, &supporters), [4, 2]);
        let over = [Capacity { load: 9, norm: 5 }];
        assert_eq!(spread(&[group(&[0], 2)], &over), [[0]]);
    }
}
