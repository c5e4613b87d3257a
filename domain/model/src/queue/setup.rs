//! Settings, opening and closing by hand, retiring.

use super::command::SetupCommand;
use super::settings::Settings;
use super::state::{Door, State};
use super::{Event, Queue, Rejection};
use crate::Timestamp;
use crate::context::Actor;
use crate::draft::Draft;

pub(super) fn decide(draft: &mut Draft<Queue>, command: SetupCommand) -> Result<(), Rejection> {
    match command {
        SetupCommand::Configure { settings, by, at } => configure(draft, settings, by, at),
        SetupCommand::Retire { by, at } => retire(draft, by, at),
        SetupCommand::Open { reason, by, at } => {
            in_use(draft.state())?;
            if draft.state().door != Door::Open {
                draft.record(Event::Opened { reason, by, at });
            }
            Ok(())
        }
        SetupCommand::Close { reason, by, at } => {
            in_use(draft.state())?;
            match draft.state().door {
                Door::Closed { .. } => {}
                Door::ByHours | Door::Open => draft.record(Event::Closed { reason, by, at }),
            }
            Ok(())
        }
        SetupCommand::SetHours { hours, at } => {
            in_use(draft.state())?;
            if draft.state().hours != hours {
                draft.record(Event::HoursSet { hours, at });
            }
            Ok(())
        }
        SetupCommand::FollowHours { by, at } => {
            in_use(draft.state())?;
            if draft.state().door != Door::ByHours {
                draft.record(Event::HoursFollowed { by, at });
            }
            Ok(())
        }
    }
}

/// Returns the settings of a queue that was made and not retired.
pub(super) fn in_use(state: &State) -> Result<&Settings, Rejection> {
    let (settings, _) = state.settings()?;
    if state.retired {
        return Err(Rejection::Retired);
    }
    Ok(settings)
}

fn configure(
    draft: &mut Draft<Queue>,
    settings: Box<Settings>,
    by: Actor,
    at: Timestamp,
) -> Result<(), Rejection> {
    let now = draft.state();
    if now.retired {
        return Err(Rejection::Retired);
    }
    settings
        .check()
        .map_err(|wrong| Rejection::WrongSettings { wrong })?;
    if now.settings.as_ref() != Some(&settings) {
        let version = now.version.saturating_add(1);
        draft.record(Event::Configured {
            settings,
            version,
            by,
            at,
        });
    }
    Ok(())
}

fn retire(draft: &mut Draft<Queue>, by: Actor, at: Timestamp) -> Result<(), Rejection> {
    let now = draft.state();
    now.settings()?;
    let entries = now.entries.len();
    if entries > 0 {
        return Err(Rejection::StillWaiting { entries });
    }
    if !now.retired {
        draft.record(Event::Retired { by, at });
    }
    Ok(())
}
