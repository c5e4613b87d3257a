//! The Rule app: whether a condition holds at this moment, and by what.

use super::inputs::Inputs;
use super::scene::Scene;
use super::wants::{Verdict, Wants};
use crate::PhoneNumber;
use crate::call::parties::{Caller, Entrance};
use crate::routing_policy::graph::apps::App;
use crate::routing_policy::graph::apps::rule::{
    CalendarIs, CalendarState, Compare, Condition, NumberIs, NumberTest, Operator, Rule, Whose,
};
use crate::routing_policy::graph::words::like;
use crate::tenant::hours::Opening;

/// What an input says of a calendar that does not exist any more. It counts as closed, and the run has failed.
pub(super) const NO_CALENDAR: &str = "there is no such calendar, so it counts as closed";

pub(super) fn rule(scene: &Scene<'_>, app: &App, rule: &Rule, out: &mut Wants) {
    let mut inputs = Inputs::default();
    let holds = holds(scene, &rule.when, &mut inputs);
    let (branch, reason) = match (holds, &rule.outlets.matched) {
        (true, Some(to)) => ("matched", format!("the condition holds, which leads to {to}")),
        (true, None) => (
            "matched",
            "the condition holds, and nothing is connected, so the call ends".to_owned(),
        ),
        (false, _) => ("not_matched", "the condition does not hold".to_owned()),
    };
    let reason = if inputs.say(NO_CALENDAR) {
        format!("{reason}; a calendar is gone, and counts as closed")
    } else {
        reason
    };
    let verdict = Verdict {
        node: &app.id,
        app: app.does.word(),
        branch,
        inputs,
        reason,
    };
    out.decide(scene, verdict);
}

// Conditions are looked at in order, and no further than it takes: what follows was no reason.
fn holds(scene: &Scene<'_>, condition: &Condition, inputs: &mut Inputs) -> bool {
    match condition {
        Condition::All(group) => group.of.iter().all(|part| holds(scene, part, inputs)),
        Condition::Any(group) => group.of.iter().any(|part| holds(scene, part, inputs)),
        Condition::Not(not) => !holds(scene, &not.of, inputs),
        Condition::Number(test) => number(scene, test, inputs),
        Condition::Compare(test) => compare(scene, test, inputs),
        Condition::Calendar(test) => calendar(scene, test, inputs),
        Condition::Blocked(_) => {
            let caller = scene.customer_number();
            inputs.private(scene, "CallerNumber", caller.map_or("", PhoneNumber::as_str));
            let blocked = caller.is_some_and(|caller| scene.library.blocked.contains(caller));
            inputs.plain("blocked", if blocked { "yes" } else { "no" });
            blocked
        }
    }
}

fn number(scene: &Scene<'_>, test: &NumberIs, inputs: &mut Inputs) -> bool {
    let (number, withheld) = match test.number {
        Whose::Caller => {
            let number = scene.caller_number().map(|number| number.as_str().to_owned());
            inputs.private(scene, "CallerNumber", number.as_deref().unwrap_or_default());
            let withheld = scene
                .state
                .begun
                .as_ref()
                .is_some_and(|begun| begun.caller == Caller::Withheld);
            (number, withheld)
        }
        Whose::Called => {
            let number = dialled(scene);
            let told = number.as_deref().unwrap_or_default();
            // Whom we place a call to is none of us.
            if scene.state.placed.is_some() {
                inputs.private(scene, "CalledNumber", told);
            } else {
                inputs.plain("CalledNumber", told);
            }
            (number, false)
        }
    };
    let is = |fits: &dyn Fn(&str) -> bool| number.as_deref().is_some_and(fits);
    match &test.test {
        NumberTest::OneOf(of) => is(&|text| of.numbers.iter().any(|number| number.as_str() == text)),
        NumberTest::Prefix(of) => {
            let prefix = of.prefix.as_str();
            is(&|text| text.starts_with(prefix) || text.trim_start_matches('+').starts_with(prefix))
        }
        NumberTest::Country(of) => is(&|text| {
            let number = text.parse::<PhoneNumber>().ok();
            number.and_then(|number| number.country()) == Some(of.country)
        }),
        NumberTest::Pattern(of) => is(&|text| of.pattern.matches(text)),
        NumberTest::Withheld(_) => withheld,
    }
}

fn dialled(scene: &Scene<'_>) -> Option<String> {
    if let Some(placed) = &scene.state.placed {
        return Some(placed.to.reveal()?.as_str().to_owned());
    }
    let number = || scene.called_number().map(|number| number.as_str().to_owned());
    match &scene.state.begun.as_ref()?.entrance {
        Entrance::Extension { extension } => Some(extension.as_str().to_owned()),
        Entrance::Number { .. } | Entrance::Trunk { .. } => number(),
        Entrance::Destination { .. } | Entrance::Event { .. } => None,
    }
}

fn compare(scene: &Scene<'_>, test: &Compare, inputs: &mut Inputs) -> bool {
    let value = scene.fill(&test.value, inputs);
    let with = test
        .with
        .as_ref()
        .map(|with| scene.fill(with, inputs))
        .unwrap_or_default();
    compares(value.trim(), test.operator, with.trim())
}

/// Says whether two texts compare as an operator says; upper and lower case are the same.
///
/// Nothing is equal to nothing and to no text. In all else it fits no text, or what nobody knows would fit every caller.
pub(super) fn compares(value: &str, operator: Operator, with: &str) -> bool {
    let (a, b) = (value.to_lowercase(), with.to_lowercase());
    match operator {
        Operator::Equals => a == b,
        Operator::NotEquals => a != b,
        Operator::IsSet => !a.is_empty(),
        Operator::IsNotSet => a.is_empty(),
        Operator::Contains
        | Operator::Begins
        | Operator::Ends
        | Operator::Matches
        | Operator::Greater
        | Operator::AtLeast
        | Operator::Less
        | Operator::AtMost
            if a.is_empty() || b.is_empty() =>
        {
            false
        }
        Operator::Contains => a.contains(&b),
        Operator::Begins => a.starts_with(&b),
        Operator::Ends => a.ends_with(&b),
        Operator::Matches => like(value, with),
        Operator::Greater => order(&a, &b).is_gt(),
        Operator::AtLeast => order(&a, &b).is_ge(),
        Operator::Less => order(&a, &b).is_lt(),
        Operator::AtMost => order(&a, &b).is_le(),
    }
}

fn order(a: &str, b: &str) -> std::cmp::Ordering {
    match (decimal(a), decimal(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) | (None, Some(_)) | (None, None) => a.cmp(b),
    }
}

// Numbers with up to nine decimals, without rounding: no two machines may differ.
fn decimal(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let right = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && part.is_empty()
        || !right(whole)
        || !right(part)
        || whole.len() > 24
        || part.len() > 9
    {
        return None;
    }
    format!("{whole}{part:0<9}")
        .parse::<i128>()
        .ok()
        .map(|number| sign * number)
}

fn calendar(scene: &Scene<'_>, test: &CalendarIs, inputs: &mut Inputs) -> bool {
    let Some(hours) = scene.library.calendars.get(&test.calendar) else {
        inputs.plain(&test.calendar.to_string(), NO_CALENDAR);
        return match test.state {
            CalendarState::Closed => true,
            CalendarState::Open | CalendarState::SpecialDay | CalendarState::Holiday => false,
        };
    };
    let open = matches!(hours.opening(scene.now), Opening::Open { .. });
    let special = hours.special_day(scene.now);
    let day = special.map(|day| day.name.as_ref().map_or("a special day", |name| name.as_str()));
    let told = match (open, day) {
        (true, None) => "open".to_owned(),
        (false, None) => "closed".to_owned(),
        (true, Some(day)) => format!("open on {day}"),
        (false, Some(day)) => format!("closed on {day}"),
    };
    inputs.plain(hours.name.as_str(), &told);
    inputs.plain("Now", &scene.now.to_string());
    match test.state {
        CalendarState::Open => open,
        CalendarState::Closed => !open,
        CalendarState::SpecialDay => special.is_some(),
        CalendarState::Holiday => !open && special.is_some_and(|day| day.open.is_empty()),
    }
}
