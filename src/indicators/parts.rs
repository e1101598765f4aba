//! Work over much that is alike: cut into parts, one for each processor.

/// Does `work` with consecutive parts of `all`, side by side where there are `many` things or more, else with all of them
/// at once. What came of the parts, in their order.
pub(super) fn in_parts<'a, T: Sync, R: Send>(all: &'a [T], many: usize, work: impl Fn(&'a [T]) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if threads == 1 || all.len() < many.max(threads) {
        return vec![work(all)];
    }
    std::thread::scope(|scope| {
        let mut parts = all.chunks(all.len().div_ceil(threads));
        let own = parts.next().unwrap_or_default();
        let work = &work;
        let begun: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let mut done = vec![work(own)];
        // A thread that fell lets this one fall with its own words.
        let joined = begun.into_iter().map(std::thread::ScopedJoinHandle::join);
        done.extend(joined.map(|part| part.unwrap_or_else(|fallen| std::panic::resume_unwind(fallen))));
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_everything_once_and_in_order() {
        for size in [0, 1, 2, 3, 7, 1000] {
            let all: Vec<usize> = (0..size).collect();
            for many in [0, 2, 5000] {
                let parts = in_parts(&all, many, <[usize]>::to_vec);
                assert_eq!(parts.concat(), all, "{size} of {many}");
            }
        }
    }
}
