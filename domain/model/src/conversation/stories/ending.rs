//! What is left of a conversation, told.

use super::{ANN, TO_ANN, archived, assigned, offered, opened, withdrawn};
use crate::context::Actor;
use crate::conversation::assignment::{How, UnassignReason};
use crate::conversation::filing::{FilingCommand, RECORDS_MAX, Record, Role};
use crate::conversation::offer::WithdrawReason;
use crate::conversation::{Command, Conversation, Event, Rejection};
use crate::ids::{CrmLinkId, WrapUpCodeId, WrapUpId};
use crate::testing::given;
use crate::testing::sample::{at, id, text};

fn case(n: usize) -> Record {
    Record {
        link: CrmLinkId::new(id(50)),
        object: text("Case"),
        id: text(&format!("500{n}")),
    }
}

fn assign_record(n: usize, role: Role) -> Command {
    Command::Filing(FilingCommand::AssignRecord {
        record: case(n),
        role,
        by: Actor::Agent(ANN),
        at: at(70),
    })
}

fn filed(n: usize) -> Event {
    Event::RecordAssigned {
        record: case(n),
        role: Role::Related,
        by: Actor::Agent(ANN),
        at: at(70),
    }
}

#[test]
fn a_record_has_one_role_and_there_are_at_most_five_in_each() {
    let history: Vec<Event> = [opened()]
        .into_iter()
        .chain((0..RECORDS_MAX).map(filed))
        .collect();
    given::<Conversation>(history.clone())
        .when(assign_record(0, Role::Person))
        .rejected(Rejection::InOtherRole);
    given::<Conversation>(history)
        .when(assign_record(9, Role::Related))
        .rejected(Rejection::TooMany {
            what: "records in one role",
            max: RECORDS_MAX,
        });
}

#[test]
fn a_wrap_up_can_be_changed_after_archiving_and_not_brought_back() {
    let wrap_up = WrapUpId::new(id(51));
    let code = |n| WrapUpCodeId::new(id(n));
    let by = Actor::Agent(ANN);
    let added = Event::WrapUpAdded {
        wrap_up,
        code: code(1),
        note: None,
        by: by.clone(),
        at: at(80),
    };
    let edit = Command::Filing(FilingCommand::EditWrapUp {
        wrap_up,
        code: code(2),
        note: None,
        by: by.clone(),
        at: at(99),
    });
    given::<Conversation>([opened(), added.clone(), archived()])
        .when(edit.clone())
        .then([Event::WrapUpEdited {
            wrap_up,
            code: code(2),
            note: None,
            by: by.clone(),
            at: at(99),
        }]);
    let removed = Event::WrapUpRemoved {
        wrap_up,
        by,
        at: at(98),
    };
    given::<Conversation>([opened(), added, archived(), removed])
        .when(edit)
        .rejected(Rejection::WrapUpRemoved);
}

#[test]
fn archiving_lets_go_of_everybody() {
    given::<Conversation>([opened(), assigned(ANN, How::Picked, 3)])
        .when(Command::Archive {
            by: Actor::Agent(ANN),
            at: at(90),
        })
        .then([
            Event::Unassigned {
                agent: ANN,
                reason: UnassignReason::Archived,
                by: Actor::Agent(ANN),
                at: at(90),
            },
            archived(),
        ]);
    given::<Conversation>([opened(), offered(TO_ANN, ANN)])
        .when(Command::Archive {
            by: Actor::Agent(ANN),
            at: at(90),
        })
        .then([withdrawn(TO_ANN, ANN, WithdrawReason::Archived, 90), archived()]);
}
