//! Loops: those that would spin until the call's steps are used up, and those that nobody leaves.

use super::Report;
use super::flow::Flow;

pub(super) fn check(flow: &Flow<'_>, report: &mut Report) {
    let quick = |place: usize| flow.reached[place] && !flow.positions[place].takes_time();
    for circle in circles(flow, quick) {
        let message = "this leads back to where the contact came from, and nothing on the way takes time: let the loop say or ask something";
        tell(flow, &circle, "loop_spins", message, report);
    }
    for circle in circles(flow, |place| flow.reached[place]) {
        let inside = |to: Option<usize>| to.is_some_and(|to| circle.binary_search(&to).is_ok());
        let steps = circle.iter().flat_map(|place| &flow.steps[*place]);
        if steps.into_iter().all(|step| inside(step.to)) {
            let message =
                "this leads back to where the contact came from, and there is no other way: link a way out";
            tell(flow, &circle, "loop_without_exit", message, report);
        }
    }
}

/// Tells a loop at the link that closes it.
fn tell(flow: &Flow<'_>, circle: &[usize], code: &'static str, message: &str, report: &mut Report) {
    let closes = |place: &&usize| {
        flow.steps[**place]
            .iter()
            .find(|step| step.to == circle.first().copied())
    };
    let closing = circle
        .iter()
        .rev()
        .find_map(|place| Some((place, closes(&place)?)));
    if let Some((place, step)) = closing {
        report.error(flow.positions[*place].node(), &*step.field, code, message);
    }
}

/// Finds the sets of positions from each of which one can get to all others of the set, each in ascending order.
fn circles(flow: &Flow<'_>, among: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let count = flow.positions.len();
    let mut back: Vec<Vec<usize>> = vec![vec![]; count];
    let onward = |place: usize| flow.steps[place].iter().filter_map(|step| step.to);
    for place in (0..count).filter(|place| among(*place)) {
        for to in onward(place).filter(|to| among(*to)) {
            back[to].push(place);
        }
    }
    // Kosaraju: in the order in which one is done with going onward, then going back.
    let mut done = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    for from in (0..count).filter(|place| among(*place)) {
        let mut open = vec![(from, false)];
        while let Some((place, left)) = open.pop() {
            if left {
                done.push(place);
            } else if !std::mem::replace(&mut seen[place], true) {
                open.push((place, true));
                open.extend(
                    onward(place)
                        .filter(|to| among(*to) && !seen[*to])
                        .map(|to| (to, false)),
                );
            }
        }
    }
    let mut taken = vec![false; count];
    let mut circles = Vec::new();
    for from in done.into_iter().rev() {
        let mut circle = Vec::new();
        let mut open = vec![from];
        while let Some(place) = open.pop() {
            if !std::mem::replace(&mut taken[place], true) {
                circle.push(place);
                open.extend(back[place].iter().filter(|to| !taken[**to]));
            }
        }
        circle.sort_unstable();
        let round = circle.len() > 1 || circle.first().is_some_and(|only| back[*only].contains(only));
        if round {
            circles.push(circle);
        }
    }
    circles.sort_unstable();
    circles
}
