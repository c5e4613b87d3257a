//! What is written out and can never do anything.

use super::*;

#[test]
fn a_macro_in_quotes_of_a_query_is_told_since_it_brings_its_own() {
    let query = |rest: &str| {
        of(&format!(
            r#"{{"id": "q", "app": "query", "find": {{"is": "soql", "soql": "SELECT Id FROM Case WHERE {rest}"}}}}"#
        ))
    };
    for quoted in [
        "Phone = '$(CallerNumber)'",
        "Phone LIKE '%$(CallerNumber)%'",
        r"Name = 'O\\'Neil' AND Phone = '$(CallerNumber)'",
        r"Name = 'it\\'s $(CallerNumber)'",
    ] {
        assert_eq!(query(quoted), ["error macro_in_quotes q find.soql"], "{quoted}");
    }
    for right in [
        "Phone = $(CallerNumber)",
        r"Name = 'O\\'Neil' AND Phone = $(CallerNumber)",
        "Name = 'x' AND Phone = $(CallerNumber) AND Type = 'y'",
        "Name = '$$(CallerNumber)'",
    ] {
        assert_eq!(query(right), Vec::<String>::new(), "{right}");
    }
}
