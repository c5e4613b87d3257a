//! What the agent chooses: signing in and out, states, and the groups that these log in to.

use std::collections::BTreeSet;

use super::command::StateCommand;
use super::values::{
    Chooser, LoggedOutBecause, NextDropped, Outcome, ProfileState, Refusal, StateKind, WrapUpEnd,
};
use super::{Agent, Event, Rejection, State, offer, work};
use crate::Timestamp;
use crate::contact::Contact;
use crate::draft::Draft;
use crate::ids::GroupId;

/// The most groups that one state may log in to.
pub const STATE_GROUPS_MAX: usize = 200;

pub(super) fn decide(draft: &mut Draft<Agent>, command: StateCommand) -> Result<(), Rejection> {
    match command {
        StateCommand::SignIn { by, at } => {
            if !draft.state().signed_in {
                draft.record(Event::SignedIn { by, at });
            }
        }
        StateCommand::SignOut { by, at } => sign_out(draft, by, at),
        StateCommand::Choose { state, by, at } => {
            check(draft.state(), &state)?;
            come_back(draft, &by, at);
            choose(draft, state, by, at);
        }
        StateCommand::ChooseNext { state, by, at } => {
            check(draft.state(), &state)?;
            come_back(draft, &by, at);
            choose_next(draft, state, by, at);
        }
        StateCommand::DropNext { at } => drop_next(draft, NextDropped::TakenBack, at),
    }
    Ok(())
}

// Calls go on, for the customer is still there; whatever waits for the agent does not.
fn sign_out(draft: &mut Draft<Agent>, by: Chooser, at: Timestamp) {
    if !draft.state().signed_in {
        return;
    }
    draft.record(Event::SignedOut { by, at });
    drop_next(draft, NextDropped::SignedOut, at);
    let groups = draft.state().logged_in.clone();
    log_out(draft, groups, LoggedOutBecause::SignedOut, at);
    let in_hand: Vec<(Contact, _)> = draft
        .state()
        .work
        .iter()
        .map(|w| (w.contact, w.stage.clone()))
        .collect();
    for (contact, stage) in in_hand {
        if stage.is_open_offer() {
            offer::refuse(draft, contact, Refusal::Away, at);
        } else if stage.is_wrap_up() {
            let how = WrapUpEnd::SignedOut;
            draft.record(Event::WrapUpEnded { contact, how, at });
            work::release(draft, contact, Outcome::Finished, at);
        }
    }
}

fn check(state: &State, chosen: &ProfileState) -> Result<(), Rejection> {
    if !state.signed_in {
        return Err(Rejection::SignedOut);
    }
    let assigned = state.profile.ok_or(Rejection::NoProfile)?;
    if assigned != chosen.profile {
        let asked = chosen.profile;
        return Err(Rejection::OtherProfile { assigned, asked });
    }
    if chosen.groups.len() > STATE_GROUPS_MAX {
        let (what, max) = ("groups in one state", STATE_GROUPS_MAX);
        return Err(Rejection::TooMany { what, max });
    }
    Ok(())
}

// Only a person's choice shows that somebody is there again; a process or a program would put an empty chair to work.
fn come_back(draft: &mut Draft<Agent>, by: &Chooser, at: Timestamp) {
    if draft.state().set_aside_after.is_some() && by.is_person() {
        draft.record(Event::Returned { by: by.clone(), at });
    }
}

fn choose(draft: &mut Draft<Agent>, state: ProfileState, by: Chooser, at: Timestamp) {
    drop_next(draft, NextDropped::Superseded, at);
    if draft.state().chosen.as_ref() != Some(&state) {
        hold(draft, state, by, None, at);
    }
}

fn choose_next(draft: &mut Draft<Agent>, state: ProfileState, by: Chooser, at: Timestamp) {
    let now = draft.state();
    let already_next = now.next.as_ref().is_some_and(|next| next.state == state);
    if now.work.is_empty() || now.chosen.as_ref() == Some(&state) {
        choose(draft, state, by, at);
    } else if !already_next {
        draft.record(Event::NextStateQueued { state, by, at });
    }
}

pub(super) fn drop_next(draft: &mut Draft<Agent>, why: NextDropped, at: Timestamp) {
    if draft.state().next.is_some() {
        draft.record(Event::NextStateDropped { why, at });
    }
}

/// Lets the state that waited hold, if nothing is in hand any more.
pub(super) fn settle(draft: &mut Draft<Agent>, at: Timestamp) {
    let now = draft.state();
    if !now.signed_in || !now.work.is_empty() {
        return;
    }
    if let Some(next) = now.next.clone() {
        hold(draft, next.state, next.by, Some(next.at), at);
    }
}

fn hold(
    draft: &mut Draft<Agent>,
    state: ProfileState,
    by: Chooser,
    queued_at: Option<Timestamp>,
    at: Timestamp,
) {
    let (groups, kind) = (state.groups.clone(), state.kind);
    draft.record(Event::StateChosen {
        state,
        by,
        queued_at,
        at,
    });
    let out = draft.state().logged_in.difference(&groups).copied().collect();
    log_out(draft, out, LoggedOutBecause::StateChosen, at);
    log_in(draft, &groups, at);
    match kind {
        StateKind::Available => {}
        // Nothing rings on for somebody who went away.
        StateKind::Away => offer::withdraw_all(draft, at),
    }
}

/// Logs in to those of some groups that the agent is a member of and not logged in to.
pub(super) fn log_in(draft: &mut Draft<Agent>, groups: &BTreeSet<GroupId>, at: Timestamp) {
    let now = draft.state();
    let mine = groups.iter().filter(|group| now.member_of.contains_key(group));
    let groups: BTreeSet<GroupId> = mine
        .filter(|group| !now.logged_in.contains(group))
        .copied()
        .collect();
    if !groups.is_empty() {
        draft.record(Event::GroupsLoggedIn { groups, at });
    }
}

/// Logs out of groups, unless there are none.
pub(super) fn log_out(
    draft: &mut Draft<Agent>,
    groups: BTreeSet<GroupId>,
    why: LoggedOutBecause,
    at: Timestamp,
) {
    if !groups.is_empty() {
        draft.record(Event::GroupsLoggedOut { groups, why, at });
    }
}
