//! The architecture as tests: what `docs/ARCHITECTURE.md` and `docs/STYLE.md` say and a machine can check.
//!
//! Each module holds one kind of rule: data first, then a pure checker that answers with complaints, then tests that
//! try the checker on small invented inputs and last on the real tree. It depends on no crate of the workspace, so
//! that it can still speak when one of them does not build.
//!
//! Reading order: [`layers`] and [`packages`] (who may depend on what), [`purity`], [`tree`], [`sizes`], [`wording`],
//! [`golden`], [`docs`]; [`workspace`] and [`source`] find what they look at.

mod docs;
mod golden;
mod layers;
mod packages;
mod purity;
mod sizes;
mod source;
mod tree;
mod wording;
mod workspace;

/// Fails with all complaints at once, under the rule that they break.
fn expect_none(rule: &str, complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "\n{rule}\n{}\n",
        complaints
            .iter()
            .map(|line| format!("  - {line}"))
            .collect::<Vec<_>>()
            .join("\n")
    );
}
