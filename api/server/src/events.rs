//! `ledgerline events`: shows what happened, as it happened or as it happens.

use std::io::{self, Write};

use domain_log::{Delivery, Filter, Range, Recorded};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use crate::cli::Events;
use crate::place::Place;

/// Prints the events asked for; with `--follow` for ever.
pub(crate) async fn run(place: &Place, which: &Events) -> anyhow::Result<()> {
    let log = place.read_log()?;
    let filter = Filter {
        categories: which.category.iter().cloned().collect(),
        kinds: which.kind.iter().cloned().collect(),
        tenant: which.tenant.clone(),
    };
    let mut out = io::stdout().lock();
    let tail = log.tail().await?;
    if let Some(count) = which.last {
        let latest = log.read_all(Range::Backwards { before: None }, filter.clone(), count);
        let mut latest: Vec<_> = latest.try_collect().await?;
        // What came in since the tail was asked for is for the subscription below.
        latest.retain(|event| Some(event.position) <= tail);
        latest
            .iter()
            .rev()
            .try_for_each(|event| print(&mut out, event, which.json))?;
    }
    let after = if which.last.is_some() { tail } else { which.from };
    if which.follow {
        let mut live = log.subscribe(after, filter);
        while let Some(delivery) = live.next().await {
            match delivery? {
                Delivery::Event(event) => print(&mut out, &event, which.json)?,
                Delivery::Checkpoint(_) => {}
                Delivery::CaughtUp(_) => out.flush()?,
            }
        }
    } else if which.last.is_none() {
        let mut events = log.read_all(Range::Forwards { after }, filter, usize::MAX);
        while let Some(event) = events.next().await {
            print(&mut out, &event?, which.json)?;
        }
    }
    Ok(out.flush()?)
}

fn print(out: &mut impl Write, event: &Recorded, as_json: bool) -> io::Result<()> {
    let data = content(&event.data);
    if as_json {
        let meta = content(&event.meta);
        let Recorded {
            position,
            stream,
            revision,
            id,
            kind,
            tenant,
            time,
            ..
        } = event;
        let line = json!({
            "position": position, "stream": stream, "revision": revision, "id": id, "kind": kind, "tenant": tenant,
            "time": time, "meta": meta, "data": data,
        });
        return writeln!(out, "{line}");
    }
    let time = event.time.to_string();
    let clock = time.get(11..23).unwrap_or(&time);
    let data = without_private(data);
    writeln!(
        out,
        "{:>8}  {clock}  {:<28} {}@{}  {data}",
        event.position,
        event.kind.as_str(),
        event.stream,
        event.revision
    )
}

fn content(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}

/// Puts a word in the place of what is sealed: nobody reads it here anyway.
fn without_private(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("$person") => Value::String(
            if fields.contains_key("$erased") {
                "‹erased›"
            } else {
                "‹private›"
            }
            .to_owned(),
        ),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, without_private(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_private).collect()),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_values_are_shown_as_private() {
        let data = json!({"from": {"$person": "p", "$sealed": "abc"}, "all": [{"$person": "p", "$erased": true}], "n": 1});
        assert_eq!(
            without_private(data),
            json!({"from": "‹private›", "all": ["‹erased›"], "n": 1})
        );
    }
}
