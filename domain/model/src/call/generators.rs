//! Generated commands: any at all, and plots in which one thing leads to another.

mod next;

use proptest::prelude::*;
use uuid::Uuid;

use super::parties::{Caller, Entrance};
use super::reasons::LegCause;
use super::state::State;
use super::{
    Call, Command, archive, bridge, callback, hold, leg, life, lookup, offer, prompt, queue, recording,
    routing, supervision, transfer, wrap_up,
};
use crate::ids::{AgentId, JourneyId, LegId};
use crate::testing::sample::{at, number, person, text};
use crate::{Actor, Decider as _, Private, Timestamp};
use next::nth;

impl Arbitrary for Command {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    // Mostly what a call in progress is asked for.
    fn arbitrary_with((): ()) -> Self::Strategy {
        prop_oneof![
            2 => any::<life::Command>().prop_map(Self::Life),
            8 => any::<leg::Command>().prop_map(Self::Leg),
            4 => any::<bridge::Command>().prop_map(Self::Bridge),
            2 => any::<routing::Command>().prop_map(Self::Routing),
            2 => any::<prompt::Command>().prop_map(Self::Prompt),
            3 => any::<lookup::Command>().prop_map(Self::Lookup),
            3 => any::<queue::Command>().prop_map(Self::Queue),
            5 => any::<offer::Command>().prop_map(Self::Offer),
            4 => any::<hold::Command>().prop_map(Self::Hold),
            4 => any::<transfer::Command>().prop_map(Self::Transfer),
            4 => any::<recording::Command>().prop_map(Self::Recording),
            2 => any::<archive::Command>().prop_map(Self::Archive),
            3 => any::<callback::Command>().prop_map(Self::Callback),
            3 => any::<supervision::Command>().prop_map(Self::Supervision),
            4 => any::<wrap_up::Command>().prop_map(Self::WrapUp),
        ]
        .boxed()
    }
}

/// Generates what people and networks ask of one call: most commands follow from what happened, some are wild, and
/// races, repeats and hang-ups come at any moment.
pub fn plots() -> BoxedStrategy<Vec<Command>> {
    let scene = (0_u8..20, any::<u16>(), any::<Command>());
    proptest::collection::vec(scene, 0..160).prop_map(plot).boxed()
}

fn plot(scenes: Vec<(u8, u16, Command)>) -> Vec<Command> {
    let mut state = State::default();
    let mut commands: Vec<Command> = Vec::new();
    for (second, (dice, pick, wild)) in (0..).zip(scenes) {
        let pick = usize::from(pick);
        let command = match dice {
            0 | 1 => None,
            2 | 3 => one_of(&commands, pick),
            4 => one_of(&goodbyes(&state, pick, at(second)), pick),
            _ => {
                let kinds = choices(&state, at(second));
                one_of(&kinds, pick / 256).and_then(|kind| one_of(&kind, pick))
            }
        };
        let mut command = command.unwrap_or(wild);
        if pick % 8 > 0 {
            bring_up_to_date(&mut command, &state);
        }
        if let Ok(events) = Call::decide(&state, command.clone()) {
            state = events.iter().fold(state, Call::evolve);
        }
        commands.push(command);
    }
    commands
}

// A decision counts only if it rests on all that happened, which nobody hits by chance.
const fn bring_up_to_date(command: &mut Command, state: &State) {
    if let Command::Routing(
        routing::Command::EnterPolicy { rests_on, .. } | routing::Command::Decide { rests_on, .. },
    ) = command
    {
        *rests_on = state.recorded;
    }
}

fn one_of<T: Clone>(all: &[T], pick: usize) -> Option<T> {
    all.get(pick.checked_rem(all.len())?).cloned()
}

// What could sensibly come next, by what it is about; what leads further comes up more often.
fn choices(state: &State, at: Timestamp) -> Vec<Vec<Command>> {
    if state.direction.is_none() {
        return vec![beginnings(at)];
    }
    let weighed = [
        (4, next::of_legs(state, at)),
        (2, next::of_newcomers(state, at)),
        (2, next::of_waiting(state, at)),
        (2, next::of_hold(state, at)),
        (2, next::of_transfers(state, at)),
        (4, next::of_consults(state, at)),
        (1, next::of_lookups(state, at)),
        (1, next::of_recordings(state, at)),
        (1, next::of_archive(state, at)),
        (1, next::of_callbacks(state, at)),
        (1, next::of_supervisions(state, at)),
        (1, next::of_wrap_ups(state, at)),
    ];
    let possible = weighed.into_iter().filter(|(_, kind)| !kind.is_empty());
    possible
        .flat_map(|(weight, kind)| std::iter::repeat_n(kind, weight))
        .collect()
}

// The end of any leg, for any of some reasons.
fn goodbyes(state: &State, pick: usize, at: Timestamp) -> Vec<Command> {
    let causes = [
        LegCause::HungUp,
        LegCause::NoAnswer,
        LegCause::Rejected,
        LegCause::Busy,
        LegCause::MediaLost,
        LegCause::Released,
    ];
    let cause = &causes[pick / 64 % causes.len()];
    let live = state.legs.iter().filter(|(_, leg)| leg.is_live());
    let end = |leg: &LegId| leg::Command::End {
        leg: *leg,
        cause: cause.clone(),
        at,
    };
    live.map(|(id, _)| Command::Leg(end(id))).collect()
}

fn beginnings(at: Timestamp) -> Vec<Command> {
    let journey = JourneyId::new(Uuid::from_u128(0));
    let ann = Private::new(person(0), number("+12025550100"));
    vec![
        Command::Life(life::Command::Offer {
            leg: nth(0, LegId::new),
            caller: Caller::Number { number: ann.clone() },
            entrance: Entrance::Number {
                number: number("+442079460000"),
            },
            journey,
            previous: None,
            at,
        }),
        Command::Life(life::Command::Offer {
            leg: nth(0, LegId::new),
            caller: Caller::Colleague {
                agent: nth(3, AgentId::new),
            },
            entrance: Entrance::Extension {
                extension: text("2104"),
            },
            journey,
            previous: None,
            at,
        }),
        Command::Life(life::Command::Place {
            to: ann,
            presenting: None,
            by: Actor::Agent(nth(0, AgentId::new)),
            agent: None,
            journey,
            previous: None,
            callback: None,
            at,
        }),
    ]
}
