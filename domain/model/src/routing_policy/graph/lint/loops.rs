//! Loops: those that would spin until the call's steps are used up, those that nobody leaves, and ways that are too long.

use super::Report;
use super::flow::{Flow, Step};
use crate::call::routing::STEPS_MAX;

pub(super) fn check(flow: &Flow<'_>, report: &mut Report) {
    for circle in circles(flow, |step| step.at_once) {
        let message = "this leads back to where the contact came from, and nothing on the way has to take time: let the loop say or ask something";
        tell(
            flow,
            &circle,
            |step| step.at_once,
            ("loop_spins", message),
            report,
        );
    }
    for circle in circles(flow, |_| true) {
        let inside = |to: Option<usize>| to.is_some_and(|to| circle.binary_search(&to).is_ok());
        let steps = circle.iter().flat_map(|place| &flow.steps[*place]);
        if steps.into_iter().all(|step| inside(step.to)) {
            let message =
                "this leads back to where the contact came from, and there is no other way: link a way out";
            tell(flow, &circle, |_| true, ("loop_without_exit", message), report);
        }
    }
    too_long(flow, report);
}

// Entering the policy is a step as well, and the last that a call may take is for saying that there are no more.
fn too_long(flow: &Flow<'_>, report: &mut Report) {
    let longest = longest(flow);
    for start in flow.graph.starts.iter() {
        let Some(place) = flow.link(start.next.as_ref()) else {
            continue;
        };
        let steps = longest[place].saturating_add(1);
        if steps >= STEPS_MAX {
            let message = format!(
                "a way from here takes {steps} steps, and after {} the contact is cut off: shorten it",
                STEPS_MAX - 1
            );
            report.warning(&start.id, "next", "too_many_steps", message);
        }
    }
}

/// Returns how many steps a long way from each position takes that leads nowhere twice.
///
/// Steps that lead back are left out. So it is the longest way where no circles are, and a possible one where some are.
fn longest(flow: &Flow<'_>) -> Vec<usize> {
    let mut longest: Vec<Option<usize>> = vec![None; flow.positions.len()];
    for place in finished(flow, |_| true) {
        let onward = flow.steps[place].iter().filter_map(|step| longest[step.to?]);
        let here = usize::from(flow.positions[place].is_step());
        longest[place] = Some(here + onward.max().unwrap_or(0));
    }
    longest.into_iter().map(Option::unwrap_or_default).collect()
}

/// Tells a loop at the link that closes it.
fn tell(
    flow: &Flow<'_>,
    circle: &[usize],
    by: impl Fn(&Step) -> bool,
    (code, message): (&'static str, &str),
    report: &mut Report,
) {
    let closes = |place: &&usize| {
        flow.steps[**place]
            .iter()
            .find(|step| step.to == circle.first().copied() && by(step))
    };
    let closing = circle
        .iter()
        .rev()
        .find_map(|place| Some((place, closes(&place)?)));
    if let Some((place, step)) = closing {
        report.error(flow.positions[*place].node(), &*step.field, code, message);
    }
}

/// Returns the positions that are reached in the order in which one is done with going onward from them by some of the
/// steps.
fn finished(flow: &Flow<'_>, by: impl Fn(&Step) -> bool) -> Vec<usize> {
    let count = flow.positions.len();
    let mut done = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    for from in (0..count).filter(|place| flow.reached[*place]) {
        let mut open = vec![(from, false)];
        while let Some((place, left)) = open.pop() {
            if left {
                done.push(place);
            } else if !std::mem::replace(&mut seen[place], true) {
                open.push((place, true));
                let onward = flow.steps[place].iter().filter(|step| by(step));
                let onward = onward.filter_map(|step| step.to).filter(|to| !seen[*to]);
                open.extend(onward.map(|to| (to, false)));
            }
        }
    }
    done
}

/// Finds the sets of positions from each of which one can get to all others of the set by some of the steps, each in
/// ascending order.
fn circles(flow: &Flow<'_>, by: impl Fn(&Step) -> bool) -> Vec<Vec<usize>> {
    let count = flow.positions.len();
    let mut back: Vec<Vec<usize>> = vec![vec![]; count];
    for place in (0..count).filter(|place| flow.reached[*place]) {
        let steps = flow.steps[place].iter().filter(|step| by(step));
        steps
            .filter_map(|step| step.to)
            .for_each(|to| back[to].push(place));
    }
    // Kosaraju: in the order in which one is done with going onward, then going back.
    let done = finished(flow, by);
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
