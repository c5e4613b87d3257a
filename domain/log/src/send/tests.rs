//! A command is recorded once, whatever happens on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain_model::consent::{self, Consent, Means};
use domain_model::context::Actor;
use domain_model::ids::{ConsentId, TenantId};
use domain_model::testing::sample::{at, id, person};
use domain_model::{Millis, Private};
use futures_util::StreamExt as _;
use proptest::prelude::*;

use super::*;
use crate::stage::{
    Command, ENOUGH, Event, Rejection, Tally, Trouble, TroubledLog, acme, command, ledger, name, tally,
};
use crate::{EventLog as _, Expected, MemoryLog, Range, Recorded};

type Outcome = Result<Sent<Event>, SendError<Rejection>>;

async fn add(ledger: &Ledger, n: u128) -> Outcome {
    send::<Tally>(ledger, &command(n), tally(), Command::Add { n: 1 }).await
}

fn stream() -> StreamName {
    StreamName::of::<Tally>(&acme(), tally())
}

async fn stored(log: &MemoryLog) -> Vec<Recorded> {
    log.read_stream(&stream(), Range::Forwards { after: None }, usize::MAX)
        .map(|event| event.expect("it can be read"))
        .collect()
        .await
}

fn troubled(troubles: impl IntoIterator<Item = Trouble>) -> (Ledger, MemoryLog) {
    let log = MemoryLog::new();
    (ledger(TroubledLog::new(log.clone(), troubles)), log)
}

#[tokio::test]
async fn what_was_recorded_is_answered_with_its_place() {
    let ledger = ledger(MemoryLog::new());
    add(&ledger, 1).await.unwrap();
    let sent = send::<Tally>(&ledger, &command(2), tally(), Command::AddTwice { n: 5 })
        .await
        .unwrap();
    let placed = |place, revision| Placed {
        revision: Revision(revision),
        id: EventId::of(command(2).command, place),
        event: Event::Added { n: 5 },
    };
    assert_eq!(
        sent,
        Sent {
            events: vec![placed(0, 1), placed(1, 2)],
            position: Some(Position::at(2)),
            repeated: false,
        }
    );
}

#[tokio::test]
async fn a_command_said_again_is_answered_as_the_first_time() {
    let log = MemoryLog::new();
    let ledger = ledger(log.clone());
    let twice = async || {
        let add = Command::AddTwice { n: ENOUGH };
        send::<Tally>(&ledger, &command(1), tally(), add).await
    };
    let first = twice().await.unwrap();
    add(&ledger, 2).await.unwrap_err();
    send::<Tally>(&ledger, &command(3), tally(), Command::Look)
        .await
        .unwrap();
    let again = twice().await.unwrap();
    assert_eq!(
        again,
        Sent {
            repeated: true,
            ..first
        }
    );
    assert_eq!(stored(&log).await.len(), 2);
}

#[tokio::test]
async fn what_is_already_so_answers_with_the_place_to_see_it_from() {
    let ledger = ledger(MemoryLog::new());
    let look = async || send::<Tally>(&ledger, &command(9), tally(), Command::Look).await;
    let nothing = |position| Sent {
        events: vec![],
        position,
        repeated: false,
    };
    assert_eq!(look().await.unwrap(), nothing(None));
    add(&ledger, 1).await.unwrap();
    assert_eq!(look().await.unwrap(), nothing(Some(Position::at(0))));
}

#[tokio::test]
async fn a_rejection_comes_through_as_it_is() {
    let ledger = ledger(MemoryLog::new());
    let consent = ConsentId::new(id(1));
    let hear = consent::Command::HearFrom {
        message: domain_model::ids::MessageId::new(id(2)),
        valid_for_ms: Millis::from_secs(60),
        at: at(0),
    };
    send::<Consent>(&ledger, &command(1), consent, hear)
        .await
        .unwrap();
    let early = consent::Command::Expire { at: at(59) };
    match send::<Consent>(&ledger, &command(2), consent, early).await {
        Err(SendError::Rejected(why)) => {
            assert_eq!(why, consent::Rejection::NotYet { until: at(60) });
        }
        other => panic!("{other:?}"),
    }
    let give = consent::Command::Give {
        means: Means::Form,
        by: Actor::Customer,
        at: at(61),
    };
    let sent = send::<Consent>(&ledger, &command(3), consent, give)
        .await
        .unwrap();
    assert_eq!(sent.events[0].revision, Revision(1));
}

#[tokio::test]
async fn who_was_overtaken_decides_again() {
    let (ledger, log) = troubled([Trouble::Overtaken, Trouble::Overtaken, Trouble::Overtaken]);
    let sent = add(&ledger, 1).await.unwrap();
    assert_eq!((sent.events[0].revision, sent.repeated), (Revision(3), false));
    assert_eq!(stored(&log).await.len(), 4);
}

#[tokio::test]
async fn who_is_always_overtaken_is_told_so() {
    let (ledger, log) = troubled(vec![Trouble::Overtaken; 4]);
    let refused = add(&ledger, 1).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("others were faster at stream {}, 4 times in a row", stream())
    );
    assert!(refused.may_pass());
    assert_eq!(stored(&log).await.len(), 4);
    assert_eq!(add(&ledger, 1).await.unwrap().events.len(), 1);
}

#[tokio::test]
async fn who_got_no_answer_looks_whether_it_was_recorded() {
    for trouble in [Trouble::LostBefore, Trouble::LostAfter] {
        let (ledger, log) = troubled([trouble.clone()]);
        let sent = add(&ledger, 1).await.unwrap();
        assert_eq!(
            (sent.events.len(), sent.position, sent.repeated),
            (1, Some(Position::at(0)), false),
            "{trouble:?}"
        );
        assert_eq!(stored(&log).await.len(), 1, "{trouble:?}");
    }
}

#[tokio::test]
async fn who_never_gets_an_answer_is_told_that_nobody_knows() {
    let (ledger, log) = troubled(vec![Trouble::LostBefore; 4]);
    let refused = add(&ledger, 1).await.unwrap_err();
    assert!(matches!(
        refused,
        SendError::Append {
            source: AppendError::Unknown { .. },
            ..
        }
    ));
    assert!(refused.may_pass());
    assert!(stored(&log).await.is_empty());

    let (ledger, _) = troubled([vec![Trouble::LostBefore; 3], vec![Trouble::LostAfter]].concat());
    assert_eq!(add(&ledger, 1).await.unwrap().events.len(), 1);
}

#[tokio::test]
async fn what_the_log_refuses_is_not_tried_again() {
    let (ledger, log) = troubled([Trouble::Full]);
    let refused = add(&ledger, 1).await.unwrap_err();
    assert!(matches!(
        refused,
        SendError::Append {
            source: AppendError::Full { .. },
            ..
        }
    ));
    assert!(stored(&log).await.is_empty());
}

#[tokio::test]
async fn a_stream_with_an_event_of_another_tenant_is_not_used() {
    let log = MemoryLog::new();
    let ledger = ledger(log.clone());
    let globex = Context {
        tenant: TenantId::new("globex").unwrap(),
        ..command(1)
    };
    let event = ledger.codec().encode(&globex, 0, &Event::Added { n: 1 }).unwrap();
    log.append(&stream(), Expected::NoStream, vec![event])
        .await
        .unwrap();
    match add(&ledger, 2).await {
        Err(SendError::Load {
            source: LoadError::ForeignTenant { position, .. },
            ..
        }) => assert_eq!(position, Position::at(0)),
        other => panic!("{other:?}"),
    }
    let theirs = send::<Tally>(&ledger, &globex, tally(), Command::Look)
        .await
        .unwrap();
    assert_eq!(theirs.position, None, "their own stream has another name");
}

#[tokio::test]
async fn nothing_new_is_recorded_of_somebody_who_was_erased() {
    let ledger = ledger(MemoryLog::new());
    let sign = async |n| {
        let name = Private::new(person(1), name("Ann"));
        let with = vec![Private::new(person(2), self::name("Bob"))];
        send::<Tally>(&ledger, &command(n), tally(), Command::Sign { name, with }).await
    };
    let first = sign(1).await.unwrap();
    ledger.codec().vault().destroy(&acme(), person(1), at(0)).unwrap();
    match sign(2).await {
        Err(refused @ SendError::Erased { person: who }) => {
            assert_eq!(who, person(1));
            assert!(!refused.may_pass());
        }
        other => panic!("{other:?}"),
    }
    let again = sign(1).await.unwrap();
    assert_eq!(
        again.events[0].event,
        Event::Signed {
            name: Private::erased(person(1)),
            with: vec![Private::new(person(2), name("Bob"))],
        }
    );
    assert_eq!(again.position, first.position);
}

// A vault on disk is asked on another thread; what comes out is the same.
#[tokio::test]
async fn a_vault_on_disk_is_asked_aside() {
    let folder = tempfile::tempdir().unwrap();
    let vault = crate::vault::Vault::open(&folder.path().join("vault.db"), &folder.path().join("root.key"));
    let ledger = Ledger::new(
        Arc::new(MemoryLog::new()),
        crate::stage::codec_over(vault.unwrap()),
    );
    let sign = Command::Sign {
        name: Private::new(person(1), name("Ann")),
        with: vec![],
    };
    let first = send::<Tally>(&ledger, &command(1), tally(), sign.clone())
        .await
        .unwrap();
    let again = send::<Tally>(&ledger, &command(1), tally(), sign).await.unwrap();
    assert_eq!(again.events, first.events);
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        3 => Just(Trouble::None),
        1 => Just(Trouble::LostBefore),
        1 => Just(Trouble::LostAfter),
        1 => Just(Trouble::Overtaken),
    ]
}

// Every command is said by several at once, on a log with trouble, until each got an answer.
async fn say_all(commands: u128, voices: usize, troubles: Vec<Trouble>) {
    let (ledger, log) = troubled(troubles);
    let mut saying = tokio::task::JoinSet::new();
    for n in (1..=commands).flat_map(|n| std::iter::repeat_n(n, voices)) {
        let ledger = ledger.clone();
        saying.spawn(async move {
            let context = command(n);
            loop {
                let add = Command::AddTwice { n: 1 };
                match send::<Tally>(&ledger, &context, tally(), add).await {
                    Ok(sent) => return (n, sent),
                    Err(refused) => assert!(refused.may_pass(), "{refused}"),
                }
            }
        });
    }
    let mut answers: BTreeMap<u128, Vec<Placed<Event>>> = BTreeMap::new();
    while let Some(said) = saying.join_next().await {
        let (n, sent) = said.expect("nobody panics");
        assert_eq!(sent.events.len(), 2);
        assert_eq!(
            answers.entry(n).or_insert_with(|| sent.events.clone()),
            &sent.events
        );
    }
    let events = stored(&log).await;
    for (n, answer) in answers {
        let command = command(n).command;
        let recorded: Vec<_> = events
            .iter()
            .filter(|event| (0..2).any(|place| event.id == EventId::of(command, place)))
            .map(|event| (event.revision, event.id))
            .collect();
        let answered: Vec<_> = answer.iter().map(|placed| (placed.revision, placed.id)).collect();
        assert_eq!(
            recorded, answered,
            "command {n} is recorded once, as it was answered"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn said_by_many_at_once_it_is_recorded_once(
        commands in 1..6_u128,
        voices in 1..4_usize,
        troubles in prop::collection::vec(trouble(), 0..40),
    ) {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .expect("a runtime")
            .block_on(say_all(commands, voices, troubles));
    }
}
