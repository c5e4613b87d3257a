//! A plan that failed: made short within bounds, and shown as a history.

use std::io::Write;

use domain_model::process::AnyEvent;
use domain_model::{Decider, Millis, Timestamp};
use serde_json::{Value, json};
use tests_sim::judge::{Failure, history, judge, shortest};
use tests_sim::plan::{Moment, Plan, What};
use tests_sim::platform::Recorded;
use tests_sim::play::Broken;

/// How long before the failure those rang or wrote who led to it; each is tried in turn.
const NEAR: [Millis; 4] = [
    Millis::from_secs(10 * 60),
    Millis::from_secs(60 * 60),
    Millis::from_secs(4 * 60 * 60),
    DAY,
];
/// How long before and after the failure it matters who comes to work and goes home.
const DAY: Millis = Millis::from_secs(24 * 60 * 60);
/// The most moments of a plan from which each is tried to be left out: each try plays what is left.
const TRIED_MAX: usize = 400;

/// Makes a plan that fails as short as a bounded number of tries makes it, so that it still fails in the same way.
pub(super) fn shorter(plan: &Plan, failure: &Failure) -> Plan {
    let mut short = near(plan, failure).unwrap_or_else(|| plan.clone());
    while short.moments.len() > TRIED_MAX {
        let Some(half) = half(&short, failure) else {
            return short;
        };
        short = half;
    }
    shortest(&short)
}

// Half of those who ring or write: the later ones, or else the earlier ones.
fn half(plan: &Plan, failure: &Failure) -> Option<Plan> {
    let customers = plan.moments.iter().filter(|moment| is_customer(moment)).count();
    let half = customers / 2;
    if half == 0 {
        return None;
    }
    [half..customers, 0..half].into_iter().find_map(|kept| {
        let mut tried = plan.clone();
        let mut places = 0..;
        tried.moments.retain(|moment| {
            !is_customer(moment) || places.next().is_some_and(|place| kept.contains(&place))
        });
        fails(&tried, failure).then_some(tried)
    })
}

const fn is_customer(moment: &Moment) -> bool {
    matches!(moment.what, What::Ring(_) | What::Write(_))
}

fn fails(plan: &Plan, failure: &Failure) -> bool {
    judge(plan).is_err_and(|other| other.is_like(failure))
}

// Of those who rang or wrote, only those do who did so shortly before it failed.
fn near(plan: &Plan, failure: &Failure) -> Option<Plan> {
    let failed_at = failed_at(failure)?;
    NEAR.into_iter().find_map(|before| {
        let mut near = plan.clone();
        near.moments.retain(|moment| matters(moment, failed_at, before));
        (near != *plan && fails(&near, failure)).then_some(near)
    })
}

fn matters(moment: &Moment, failed_at: Timestamp, before: Millis) -> bool {
    let within = |before| failed_at.minus(before) <= moment.at && moment.at <= failed_at;
    match moment.what {
        What::Ring(_) | What::Write(_) => within(before),
        // After them a plan comes to rest.
        What::SignOut(_) | What::CancelCallbacks => {
            failed_at.minus(DAY) <= moment.at && moment.at <= failed_at.plus(DAY)
        }
        What::SignIn(_)
        | What::Away(_)
        | What::Back(_)
        | What::AwayLater(_)
        | What::BackLater(_)
        | What::DeviceLost(_)
        | What::DeviceBack(_)
        | What::Restart { .. }
        | What::RestartOwner { .. }
        | What::Freeze { .. } => within(DAY),
    }
}

fn failed_at(failure: &Failure) -> Option<Timestamp> {
    match failure {
        Failure::Broken(
            Broken::Spins { at, .. } | Broken::NeverRests { at, .. } | Broken::Forgets { at, .. },
        ) => Some(*at),
        Failure::Violated(violations) => violations.first().map(|first| first.at),
    }
}

/// Shows what was planned and what happened then, up to the end.
pub(super) fn show(
    out: &mut impl Write,
    seed: u64,
    failure: &Failure,
    short: &Plan,
    as_json: bool,
) -> anyhow::Result<()> {
    let history = history(short);
    if as_json {
        let shown = json!({
            "seed": seed,
            "failure": failure.to_string(),
            "planned": short.moments.iter().map(planned).collect::<Vec<_>>(),
            "history": history.iter().map(as_value).collect::<Vec<_>>(),
        });
        writeln!(out, "{shown}")?;
        return Ok(());
    }
    writeln!(out, "seed {seed}: {failure}")?;
    writeln!(out, "a short history that fails in the same way:")?;
    for moment in &short.moments {
        writeln!(out, "{}  planned: {:?}", moment.at, moment.what)?;
    }
    for recorded in history {
        writeln!(out, "{}  {:?}", recorded.time, recorded.happened.what)?;
    }
    Ok(())
}

fn planned(moment: &Moment) -> Value {
    json!({ "time": moment.at, "what": format!("{:?}", moment.what) })
}

fn as_value(recorded: &Recorded) -> Value {
    let (stream, data) = match &recorded.happened.what {
        AnyEvent::Consent(id, event) => of::<domain_model::consent::Consent>(id, event),
        AnyEvent::Call(id, event) => of::<domain_model::call::Call>(id, event),
        AnyEvent::Queue(id, event) => of::<domain_model::queue::Queue>(id, event),
        AnyEvent::Agent(id, event) => of::<domain_model::agent::Agent>(id, event),
        AnyEvent::Conversation(id, event) => of::<domain_model::conversation::Conversation>(id, event),
        AnyEvent::RoutingPolicy(id, event) => of::<domain_model::routing_policy::RoutingPolicy>(id, event),
        AnyEvent::Retention(id, event) => of::<domain_model::retention::Retention>(id, event),
        AnyEvent::Tenant(id, event) => of::<domain_model::tenant::Tenant>(id, event),
    };
    json!({
        "time": recorded.time,
        "id": recorded.happened.cause.event,
        "stream": stream,
        "kind": recorded.happened.what.kind(),
        "data": data,
    })
}

// The stream that an event is in, and what it says.
fn of<D: Decider>(id: &D::Id, event: &D::Event) -> (String, Value) {
    let data = serde_json::to_value(event).expect("an event is plain data");
    (format!("{}-{id}", D::CATEGORY), data)
}

#[cfg(test)]
mod tests {
    use tests_sim::{day, wild};

    use super::*;

    fn failing(without: &'static str, plan: Plan) -> Option<(Plan, Failure)> {
        let plan = Plan {
            without: Some(without),
            ..plan
        };
        judge(&plan).err().map(|failure| (plan, failure))
    }

    #[test]
    fn a_plan_that_fails_is_shown_short_with_its_seed_and_all_ids() {
        let mut plans =
            (1..1_000).filter_map(|seed| Some((seed, failing("offer-timeout", wild::plan(seed, true))?)));
        let (seed, (plan, failure)) = plans.next().expect("it is missed");
        let short = shorter(&plan, &failure);
        assert!(short.moments.len() < plan.moments.len());
        let shown = |as_json| {
            let mut out = Vec::new();
            show(&mut out, seed, &failure, &short, as_json).expect("memory takes it");
            String::from_utf8(out).expect("it speaks UTF-8")
        };
        let plain = shown(false);
        assert!(plain.starts_with(&format!("seed {seed}: {failure}\n")), "{plain}");
        assert!(
            plain.contains("  planned: Ring(Caller") && plain.contains("  Call("),
            "{plain}"
        );
        let json: Value = serde_json::from_str(&shown(true)).expect("one object");
        assert_eq!(
            (&json["seed"], &json["failure"]),
            (&seed.into(), &failure.to_string().into())
        );
        let offered = json["history"]
            .as_array()
            .and_then(|all| all.iter().find(|one| one["kind"] == "CallOffered"));
        let offered = offered.expect("somebody rang");
        assert!(
            offered["stream"]
                .as_str()
                .is_some_and(|stream| stream.starts_with("call-")),
            "{offered}"
        );
        assert!(offered["id"].is_string() && offered["data"].is_object() && offered["time"].is_string());
        assert!(
            json["planned"]
                .as_array()
                .is_some_and(|all| all.len() == short.moments.len())
        );
    }

    #[test]
    fn hours_that_fail_are_made_short_by_what_is_near_the_failure() {
        // Nobody stands in a line.
        let (plan, failure) = failing("waiting", day::plan(1, 1)).expect("it is missed");
        let near = near(&plan, &failure).expect("it does not take long to fail");
        assert!(
            customers(&near) * 2 < customers(&plan),
            "{} of {}",
            customers(&near),
            customers(&plan)
        );
        let half = half(&plan, &failure).expect("half of them are enough");
        assert!(customers(&half) * 2 <= customers(&plan) + 1);
        let short = shorter(&plan, &failure);
        assert!(fails(&short, &failure) && fails(&half, &failure));
        assert!(customers(&short) <= 2, "{:?}", short.moments);
    }

    fn customers(plan: &Plan) -> usize {
        plan.moments.iter().filter(|moment| is_customer(moment)).count()
    }
}
