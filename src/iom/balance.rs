//! Spreading plans over supporters, pure: whoever carries least for the own rate comes first, nobody over the limit, and
//! then moves along chains until no chain makes the spread smaller. Plans are weighed in thousandths.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Plans of one weight with the same supporters to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Places of the supporters that may take them.
    pub eligible: Vec<usize>,
    /// How many plans.
    pub plans: usize,
    /// What each weighs.
    pub weight: u64,
}

/// A supporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// What the open plans weigh by now.
    pub load: u64,
    /// Share of a full rate, in thousandths: whoever works half of it is given half.
    pub rate: u64,
    /// The most that they may weigh; `None` is without a limit.
    pub most: Option<u64>,
}

impl Capacity {
    /// Whether a plan of a weight may be added to a load.
    fn holds(&self, load: u64, weight: u64) -> bool {
        self.most.is_none_or(|most| load + weight <= most)
    }
}

/// Plans by their place, those of one weight with the same supporters to choose from together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    plans: usize,
    groups: BTreeMap<(Vec<usize>, u64), Vec<usize>>,
}

impl Alike {
    /// Of plans in their order: the places of the supporters that may take each, and what it weighs.
    #[must_use]
    pub fn of(plans: impl IntoIterator<Item = (Vec<usize>, u64)>) -> Self {
        let mut groups: BTreeMap<(Vec<usize>, u64), Vec<usize>> = BTreeMap::new();
        let mut all = 0;
        for (place, alike) in plans.into_iter().enumerate() {
            groups.entry(alike).or_default().push(place);
            all = place + 1;
        }
        Self { plans: all, groups }
    }

    /// Places of the supporters that may take any of them.
    #[must_use]
    pub fn eligible(&self) -> BTreeSet<usize> {
        let eligible = self.groups.keys().flat_map(|(eligible, _)| eligible);
        eligible.copied().collect()
    }

    /// Who takes each plan; `None` where nobody can.
    #[must_use]
    pub fn takers(&self, supporters: &[Capacity]) -> Vec<Option<usize>> {
        let group = |((eligible, weight), places): (&(Vec<usize>, u64), &Vec<usize>)| Group {
            eligible: eligible.clone(),
            plans: places.len(),
            weight: *weight,
        };
        let groups: Vec<Group> = self.groups.iter().map(group).collect();
        let mut taker = vec![None; self.plans];
        for (places, given) in self.groups.values().zip(&spread(&groups, supporters)) {
            let takers = given
                .iter()
                .enumerate()
                .flat_map(|(n, times)| std::iter::repeat_n(n, *times));
            for (place, supporter) in places.iter().zip(takers) {
                taker[*place] = Some(supporter);
            }
        }
        taker
    }
}

/// How many plans of each group go to each supporter: `result[group][supporter]`. What nobody can take stays out.
#[must_use]
pub fn spread(groups: &[Group], supporters: &[Capacity]) -> Vec<Vec<usize>> {
    let mut state = State {
        groups,
        supporters,
        weights: groups.iter().map(|g| g.weight).collect(),
        loads: supporters.iter().map(|s| s.load).collect(),
        given: vec![vec![0; supporters.len()]; groups.len()],
    };
    // Whoever has the least choice goes first, then what weighs most.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|g| (groups[*g].eligible.len(), std::cmp::Reverse(groups[*g].weight), *g));
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
    supporters: &'a [Capacity],
    /// Every weight there is.
    weights: BTreeSet<u64>,
    loads: Vec<u64>,
    given: Vec<Vec<usize>>,
}

/// How a supporter was reached: from whom, by moving a plan of which group.
type Reached = Vec<Option<(usize, usize)>>;

/// A chain of moves: plans of one weight pass from the first to the last.
struct Chain {
    first: usize,
    last: usize,
    weight: u64,
    reached: Reached,
}

impl State<'_> {
    fn has_room(&self, supporter: usize, weight: u64) -> bool {
        self.supporters[supporter].holds(self.loads[supporter], weight)
    }

    /// What a load is for a full rate.
    fn per_rate(&self, supporter: usize, load: u64) -> u64 {
        load * 1000 / self.supporters[supporter].rate.max(1)
    }

    /// What a supporter would carry for a full rate with one plan more.
    fn with(&self, supporter: usize, weight: u64) -> u64 {
        self.per_rate(supporter, self.loads[supporter] + weight)
    }

    /// Gives one plan of a group to whoever carries least with it; where all are full, makes room along a chain.
    fn give(&mut self, group: usize) -> bool {
        let Group { eligible, weight, .. } = &self.groups[group];
        let least = eligible
            .iter()
            .copied()
            .filter(|s| self.has_room(*s, *weight))
            .min_by_key(|s| (self.with(*s, *weight), *s));
        let taker = match least {
            Some(taker) => taker,
            None => {
                let Some(chain) = self.room_for(eligible, *weight) else {
                    return false;
                };
                self.shift(&chain);
                chain.first
            }
        };
        self.given[group][taker] += 1;
        self.loads[taker] += weight;
        true
    }

    /// A chain that frees a place for a plan of a weight at one of those who may take it.
    fn room_for(&self, eligible: &[usize], weight: u64) -> Option<Chain> {
        self.weights.range(weight..).find_map(|passed| {
            eligible.iter().find_map(|from| {
                // What was above the limit before stays above it.
                let after = self.loads[*from].checked_sub(*passed)?;
                if !self.supporters[*from].holds(after, weight) {
                    return None;
                }
                self.chain(*from, *passed, u64::MAX)
            })
        })
    }

    /// Moves plans from the most loaded along chains while the larger of two loads can shrink.
    fn even_out(&mut self) {
        loop {
            let mut order: Vec<usize> = (0..self.loads.len()).collect();
            order.sort_by_key(|s| (std::cmp::Reverse(self.with(*s, 0)), *s));
            let found = order.into_iter().find_map(|from| {
                let carried = self.with(from, 0);
                self.weights
                    .iter()
                    .rev()
                    .find_map(|weight| self.chain(from, *weight, carried))
            });
            match found {
                Some(chain) => self.shift(&chain),
                None => return,
            }
        }
    }

    /// The chain along which a plan of a weight leaves `from` for whoever carries least with it, and less than `below`.
    fn chain(&self, first: usize, weight: u64, below: u64) -> Option<Chain> {
        let reached = self.reach(first, weight);
        let last = (0..self.loads.len())
            .filter(|s| *s != first && reached[*s].is_some() && self.has_room(*s, weight))
            .filter(|s| self.with(*s, weight) < below)
            .min_by_key(|s| (self.with(*s, weight), *s))?;
        Some(Chain {
            first,
            last,
            weight,
            reached,
        })
    }

    /// Everyone to whom a plan of a weight given to `from` could pass, through others if need be.
    fn reach(&self, from: usize, weight: u64) -> Reached {
        let mut reached: Reached = vec![None; self.loads.len()];
        let mut queue = VecDeque::from([from]);
        while let Some(holder) = queue.pop_front() {
            for (g, group) in self.groups.iter().enumerate() {
                if group.weight != weight || self.given[g][holder] == 0 {
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

    /// Passes one plan from each to the next along a chain.
    fn shift(&mut self, chain: &Chain) {
        let mut to = chain.last;
        while to != chain.first {
            let Some((from, group)) = chain.reached[to] else { return };
            self.given[group][from] -= 1;
            self.given[group][to] += 1;
            to = from;
        }
        self.loads[chain.first] -= chain.weight;
        self.loads[chain.last] += chain.weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(eligible: &[usize], plans: usize) -> Group {
        Group {
            eligible: eligible.to_vec(),
            plans,
            weight: 1000,
        }
    }

    fn capacity(load: u64, most: u64) -> Capacity {
        Capacity {
            load: load * 1000,
            rate: 1000,
            most: Some(most * 1000),
        }
    }

    fn free(n: usize, most: u64) -> Vec<Capacity> {
        vec![capacity(0, most); n]
    }

    /// What everyone carries in the end, in thousandths.
    fn weighed(groups: &[Group], supporters: &[Capacity]) -> Vec<u64> {
        let given = spread(groups, supporters);
        let got = |s: usize| {
            groups
                .iter()
                .zip(&given)
                .map(|(g, to)| g.weight * to[s] as u64)
                .sum::<u64>()
        };
        supporters.iter().enumerate().map(|(s, c)| c.load + got(s)).collect()
    }

    fn loads(groups: &[Group], supporters: &[Capacity]) -> Vec<u64> {
        weighed(groups, supporters).iter().map(|load| load / 1000).collect()
    }

    #[test]
    fn the_spread_is_one_at_most_where_everyone_may_take_everything() {
        let mut loads = loads(&[group(&[0, 1, 2, 3], 10)], &free(4, 100));
        loads.sort_unstable();
        assert_eq!(loads, [2, 2, 3, 3]);
    }

    #[test]
    fn chains_even_out_what_greed_leaves_uneven() {
        // 0 and 1 share ten, 1 and 2 share two: 1 gives way so that nobody has more than five.
        let groups = [group(&[0, 1], 10), group(&[1, 2], 2)];
        assert_eq!(loads(&groups, &free(3, 100)), [5, 5, 2]);
        let groups = [group(&[0, 1], 6), group(&[1, 2], 6), group(&[2, 3], 0)];
        assert_eq!(loads(&groups, &free(4, 100)), [4, 4, 4, 0]);
    }

    #[test]
    fn those_who_carry_much_already_get_less() {
        assert_eq!(
            loads(&[group(&[0, 1], 9)], &[capacity(7, 100), capacity(0, 100)]),
            [8, 8]
        );
    }

    #[test]
    fn nobody_is_over_the_limit_and_a_chain_makes_room() {
        assert_eq!(loads(&[group(&[0, 1], 9)], &free(2, 3)), [3, 3], "three are left over");
        // Both groups may use 1; without passing plans on, the second would find no room.
        let supporters = [capacity(0, 4), capacity(0, 2)];
        assert_eq!(loads(&[group(&[0, 1], 4), group(&[1], 2)], &supporters), [4, 2]);
        assert_eq!(spread(&[group(&[0], 2)], &[capacity(9, 5)]), [[0]]);
        let without = Capacity {
            most: None,
            ..capacity(9, 5)
        };
        assert_eq!(spread(&[group(&[0], 2)], &[without]), [[2]]);
    }

    #[test]
    fn half_a_rate_takes_half_and_lighter_plans_fill_what_is_left() {
        let half = Capacity {
            rate: 500,
            ..capacity(0, 50)
        };
        assert_eq!(loads(&[group(&[0, 1], 9)], &[capacity(0, 100), half]), [6, 3]);
        let light = Group {
            weight: 250,
            ..group(&[0, 1], 5)
        };
        let supporters = free(2, 1);
        assert_eq!(
            weighed(&[group(&[0], 1), light.clone()], &supporters),
            [1000, 1000],
            "one light plan finds no room"
        );
        // The difference is never more than what one plan weighs.
        let groups = [
            group(&[0, 1, 2], 4),
            Group {
                eligible: vec![0, 1, 2],
                ..light
            },
        ];
        let all = weighed(&groups, &[capacity(0, 9), capacity(1, 9), capacity(0, 9)]);
        assert!(
            all.iter()
                .max()
                .zip(all.iter().min())
                .is_some_and(|(max, min)| max - min <= 1000),
            "{all:?}"
        );
        assert_eq!(all.iter().sum::<u64>(), 1000 + 4000 + 1250);
    }
}
