//! What is written for `cqrs-es` runs on the log as it is.

use cqrs_es::CqrsFramework;
use cqrs_es::test::TestFramework;
use domain_model::consent::{self, Consent, Means};
use domain_model::context::Actor;
use domain_model::testing::sample::at;

use super::*;
use crate::MemoryLog;
use crate::stage::{self, Tally, command, ledger, tally};

#[test]
fn its_test_harness_tells_the_stories_of_any_decider() {
    let give = consent::Command::Give {
        means: Means::Form,
        by: Actor::Customer,
        at: at(1),
    };
    let given = Said(consent::Event::Given {
        means: Means::Form,
        by: Actor::Customer,
        at: at(1),
    });
    TestFramework::<Folded<Consent>>::with(())
        .given_no_previous_events()
        .when(give.clone())
        .then_expect_events(vec![given.clone()]);
    TestFramework::<Folded<Consent>>::with(())
        .given(vec![given])
        .when(give)
        .then_expect_events(vec![]);
    TestFramework::<Folded<Tally>>::with(())
        .given(vec![Said(stage::Event::Added { n: stage::ENOUGH })])
        .when(stage::Command::Add { n: 1 })
        .then_expect_error(stage::Rejection::TooMuch { sum: stage::ENOUGH });
}

#[test]
fn an_aggregate_is_stored_as_its_state() {
    let folded = Folded::<Tally>(stage::State { sum: 7 });
    let text = serde_json::to_string(&folded).unwrap();
    assert_eq!(text, r#"{"sum":7}"#);
    assert_eq!(serde_json::from_str::<Folded<Tally>>(&text).unwrap().0, folded.0);
    let event = Said(stage::Event::Added { n: 7 });
    assert_eq!(
        (event.event_type(), event.event_version()),
        ("TallyAdded".to_owned(), "1".to_owned())
    );
}

#[tokio::test]
async fn its_framework_writes_to_the_log() {
    let ledger = ledger(MemoryLog::new());
    let id = tally().to_string();
    for n in 1..=3 {
        let context = command(n);
        let framework = CqrsFramework::new(Store::new(&ledger, &context), vec![], ());
        let add = stage::Command::AddTwice { n: 2 };
        <CqrsFramework<Folded<Tally>, Store<'_>>>::execute(&framework, &id, add)
            .await
            .unwrap();
    }
    let context = command(9);
    let store = Store::new(&ledger, &context);
    let envelopes: Vec<EventEnvelope<Folded<Tally>>> = store.load_events(&id).await.unwrap();
    let sequences: Vec<usize> = envelopes.iter().map(|envelope| envelope.sequence).collect();
    assert_eq!(sequences, [1, 2, 3, 4, 5, 6]);
    let last = &envelopes[5];
    assert_eq!(last.aggregate_id, id);
    assert_eq!(last.payload, Said(stage::Event::Added { n: 2 }));
    for (key, value) in [
        ("position", "5".to_owned()),
        ("event", EventId::of(command(3).command, 1).to_string()),
        ("command", command(3).command.to_string()),
        ("$correlationId", command(3).journey.unwrap().to_string()),
        ("time", at(0).to_string()),
    ] {
        assert_eq!(last.metadata.get(key), Some(&value), "{key}");
    }
    let mut loaded: Loaded<Tally> = store.load_aggregate(&id).await.unwrap();
    assert_eq!(loaded.aggregate().0, stage::State { sum: 12 });
    assert_eq!(loaded.last(), Some((Revision(5), Position::at(5))));
}

#[tokio::test]
async fn its_commit_takes_turns_and_takes_no_other_metadata() {
    let ledger = ledger(MemoryLog::new());
    let id = tally().to_string();
    let (one, two) = (command(1), command(2));
    let (mine, theirs) = (Store::new(&ledger, &one), Store::new(&ledger, &two));
    let added = || vec![Said(stage::Event::Added { n: 1 })];
    let early: Loaded<Tally> = mine.load_aggregate(&id).await.unwrap();
    let other: Loaded<Tally> = theirs.load_aggregate(&id).await.unwrap();
    let stored = theirs.commit(added(), other, HashMap::new()).await.unwrap();
    assert_eq!(
        (stored[0].sequence, stored[0].aggregate_id.as_str()),
        (1, id.as_str())
    );
    assert!(matches!(
        mine.commit(added(), early, HashMap::new()).await,
        Err(AggregateError::AggregateConflict)
    ));
    let loaded: Loaded<Tally> = mine.load_aggregate(&id).await.unwrap();
    let more = HashMap::from([("note".to_owned(), "x".to_owned())]);
    let refused = mine.commit(added(), loaded, more).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "note has no place in the log: metadata comes from the command's context"
    );
}
