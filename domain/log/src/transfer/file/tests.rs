use std::io::Cursor;

use super::super::tests::{assert_same, labelled, written};
use super::*;
use crate::contract::sample::{event, everything, put, stream};
use crate::{Expected, MemoryLog, NewEvent};

async fn exported(log: &MemoryLog) -> Vec<u8> {
    let mut file = vec![];
    export(log, &mut file).await.unwrap();
    file
}

/// Imports into an empty log, which must refuse the file and stay empty: the line, and the reason.
async fn refused(file: &[u8]) -> (u64, String) {
    let log = MemoryLog::new();
    match import(Cursor::new(file), &log, |_| ()).await {
        Err(ImportError::Refused { line, source }) => {
            assert_eq!(everything(&log).await, [], "nothing of it is imported");
            (line, source.to_string())
        }
        other => panic!("{other:?}"),
    }
}

// The file with another last line that fits it again, as somebody would make it who changes a file on purpose.
fn sealed_again(lines: &[&str], events: u64, streams: u64) -> Vec<u8> {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let sha256 = hexadecimal(&Sha256::digest(&body));
    let end = format!(r#"{{"end":{{"events":{events},"streams":{streams},"sha256":"{sha256}"}}}}"#);
    format!("{body}{end}\n").into_bytes()
}

#[tokio::test]
async fn an_export_imports_as_the_same() {
    let (one, other) = (written().await, MemoryLog::new());
    let mut file = vec![];
    let exported = export(&one, &mut file).await.unwrap();
    assert_eq!((exported.events, exported.up_to), (13, one.tail().await.unwrap()));
    let checked = check(&*file).await.unwrap();
    assert_eq!(
        (&*checked.engine, checked.events, &checked.sha256),
        ("memory", 13, &exported.sha256)
    );
    assert_eq!(checked.id, one.log_metadata().await.unwrap().id);

    let mut told = 0;
    let copied = import(Cursor::new(&file), &other, |_| told += 1).await.unwrap();
    assert_eq!((copied.events, copied.written, told), (13, 13, 6));
    assert_same(&one, &other).await;
    let again = import(Cursor::new(&file), &other, |_| ()).await.unwrap();
    assert_eq!((again.events, again.written), (13, 0), "done twice, written once");
    let text = String::from_utf8(file).unwrap();
    assert!(text.contains(
        r#""data":{ "caller" : {"$person":"0198c0de-0000-7000-8000-000000000001","$sealed":"AAECAw=="} }"#
    ));
}

#[tokio::test]
async fn the_form_is_as_described() {
    let log = MemoryLog::new();
    put(&log, &stream("call-acme_1"), Expected::NoStream, vec![event(1)]).await;
    log.set_log_labels(labelled("region", "eu-west-2")).await.unwrap();
    let cut = serde_json::from_str(r#"{"$tb":17}"#).unwrap();
    log.set_stream_metadata(&stream("call-acme_1"), cut)
        .await
        .unwrap();
    let id = log.log_metadata().await.unwrap().id;
    let body = format!(
        "{{\"format\":\"ledgerline-log\",\"version\":1,\"engine\":\"memory\",\"id\":\"{id}\",\
         \"labels\":{{\"region\":\"eu-west-2\"}}}}\n\
         {{\"event\":{{\"position\":\"0\",\"stream\":\"call-acme_1\",\"revision\":0,\
         \"id\":\"0198c0de-0000-7000-8000-000000000001\",\"kind\":\"Noted\",\"tenant\":\"acme\",\
         \"time\":\"2026-11-22T11:00:01.000000Z\",\"meta\":{{\"command\":1}},\"data\":{{\"note\":\"number 1\"}}}}}}\n\
         {{\"stream\":{{\"name\":\"call-acme_1\",\"metadata\":{{\"$tb\":17}}}}}}\n"
    );
    let lines: Vec<&str> = body.lines().collect();
    let wanted = String::from_utf8(sealed_again(&lines, 1, 1)).unwrap();
    assert_eq!(String::from_utf8(exported(&log).await).unwrap(), wanted);
}

#[tokio::test]
async fn any_bytes_come_back_as_they_were() {
    let (one, other) = (MemoryLog::new(), MemoryLog::new());
    let deep = format!("{}1{}", r#"{"a":"#.repeat(5000), "}".repeat(5000));
    let given: [&[u8]; 14] = [
        b"{}",
        b"",
        b" {}",
        b"{} ",
        b"{\n}",
        b"{\r}",
        b"{}{}",
        b"null",
        b"[1, 2]",
        b"\xff\xfe\x00",
        br#"{"a":1,"a":2,"b":1.0e+2,"c":"\u00fc \u2028"}"#,
        "{ \"ü\u{2028}\" :\t{} }".as_bytes(),
        deep.as_bytes(),
        br#"{"not json"}"#,
    ];
    for (n, bytes) in (0..).zip(given) {
        let data = bytes::Bytes::copy_from_slice(bytes);
        let as_data = NewEvent {
            meta: bytes::Bytes::from_static(b"{}"),
            data: data.clone(),
            ..event(n)
        };
        let as_meta = NewEvent {
            meta: data,
            ..event(1000 + n)
        };
        put(
            &one,
            &stream("call-acme_1"),
            Expected::Any,
            vec![as_data, as_meta],
        )
        .await;
    }
    let file = exported(&one).await;
    assert_eq!(
        file.iter().filter(|&&byte| byte == b'\n').count(),
        2 + 2 * given.len(),
        "a line for each"
    );
    import(Cursor::new(&file), &other, |_| ()).await.unwrap();
    assert_eq!(everything(&other).await, everything(&one).await);
}

#[tokio::test]
async fn a_file_cut_anywhere_is_refused() {
    let file = exported(&written().await).await;
    let lines = file.split_inclusive(|&byte| byte == b'\n');
    let ends: Vec<usize> = lines
        .scan(0, |end, line| {
            *end += line.len();
            Some(*end)
        })
        .collect();
    for cut in 0..file.len() {
        let whole = ends.iter().filter(|&&end| end <= cut).count();
        let (line, reason) = refused(&file[..cut]).await;
        assert_eq!(line, whole as u64 + 1);
        assert!(reason.ends_with("the rest was cut off"), "{reason}");
    }
}

#[tokio::test]
async fn a_file_changed_anywhere_is_refused() {
    let file = exported(&written().await).await;
    for place in 0..file.len() {
        for bit in [0, 3, 5] {
            let mut changed = file.clone();
            changed[place] ^= 1 << bit;
            refused(&changed).await;
        }
    }
}

async fn assert_refused(file: impl AsRef<[u8]>, line: u64, reason: &str) {
    assert_eq!(refused(file.as_ref()).await, (line, reason.to_owned()));
}

#[tokio::test]
async fn lines_that_are_missing_or_moved_are_named() {
    let file = String::from_utf8(exported(&written().await).await).unwrap();
    let lines: Vec<&str> = file.split_inclusive('\n').collect();
    let without = |n: usize| [&lines[..n], &lines[n + 1..]].concat().concat();
    let with = |n: usize, line: &str| [&lines[..n], &[line], &lines[n..]].concat().concat();
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    assert_refused(without(0), 1, "this is no export of a log").await;
    assert_refused(without(4), 15, "the last line says 13 events, there are 12").await;
    assert_refused(without(14), 15, "the last line says 1 streams, there are 0").await;
    assert_refused(swapped.concat(), 5, "position 2 does not come after position 3").await;
    assert_refused(with(3, lines[3]), 5, "position 2 does not come after position 2").await;
    assert_refused(with(5, "\n"), 6, "it is no line of an export").await;
    assert_refused(with(5, lines[0]), 6, "it is no line of an export").await;
    assert_refused(with(16, "\n"), 17, "something stands behind the last line").await;
}

#[tokio::test]
async fn what_was_changed_on_purpose_is_named() {
    let file = String::from_utf8(exported(&written().await).await).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    let (first, event, stream) = (lines[0], lines[1], lines[14]);
    let newer = file.replace(r#""version":1"#, r#""version":2,"news":{}"#);
    assert_refused(
        newer,
        1,
        "it is in version 2 of the format, this build reads version 1",
    )
    .await;
    let changed = |from: &str, to: &str| sealed_again(&[first, &event.replace(from, to)], 1, 0);
    for (from, to, reason) in [
        (r#""meta":{"#, r#""more":{"#, "it is no line of an export"),
        ("Noted", "$oted", "it is no line of an export"),
        (
            r#""meta":{"#,
            r#""meta_base64":"","meta":{"#,
            "exactly one of meta and meta_base64 is expected",
        ),
        (
            r#""data":{"note":"number 0"}"#,
            r#""data_base64":"?""#,
            "data is no base64",
        ),
        (
            r#","data":{"note":"number 0"}"#,
            "",
            "exactly one of data and data_base64 is expected",
        ),
    ] {
        assert_refused(changed(from, to), 2, reason).await;
    }
    let late = sealed_again(&[first, stream, event], 1, 1);
    assert_refused(late, 3, "events stand before the metadata of streams").await;

    let (line, reason) = refused(file.replace("number 7", "number 8").as_bytes()).await;
    assert_eq!(line, 16);
    assert!(reason.ends_with("the file was changed"), "{reason}");
}

#[tokio::test]
async fn what_was_never_an_export_is_refused_in_its_first_line() {
    assert_refused("PK\u{3}\u{4}\n", 1, "this is no export of a log").await;
    assert_refused("{}\n", 1, "this is no export of a log").await;
    assert_refused("", 1, "the file ends before it: the rest was cut off").await;
    let endless = vec![b' '; LINE_BYTES_MAX + 1];
    assert_refused(endless, 1, "it is longer than 16777216 bytes").await;
}
