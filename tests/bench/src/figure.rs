//! One figure and the limit beside it.

use std::io::Write as _;

use serde_json::json;

/// A measured figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was measured: `log.append.64`.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what: `events/s`, `ms`, `bytes`.
    pub unit: &'static str,
    /// What it is compared with.
    pub limit: f64,
    /// What that is.
    pub limit_name: &'static str,
    /// Which way is better.
    pub higher_is_better: bool,
}

impl Figure {
    /// Prints the figure both ways.
    #[expect(
        clippy::print_stdout,
        clippy::print_stderr,
        reason = "printing figures is what a bench is for"
    )]
    pub fn print(&self) {
        let ratio = self.value / self.limit;
        let figure = json!({
            "name": self.name, "value": rounded(self.value), "unit": self.unit, "limit": rounded(self.limit),
            "limit_name": self.limit_name, "ratio": rounded(ratio), "higher_is_better": self.higher_is_better,
        });
        println!("{figure}");
        let (value, limit) = (shown(self.value), shown(self.limit));
        eprintln!(
            "{:<28} {value:>12} {:<9} {limit:>12} {:<44} {ratio:>7.3}",
            self.name, self.unit, self.limit_name
        );
        // A bench may be piped; what is done is shown when it is done.
        let _ = std::io::stdout().flush();
    }
}

/// Says on standard error what is under way.
#[expect(clippy::print_stderr, reason = "whoever waits wants to know for what")]
pub fn note(text: &str) {
    eprintln!("# {text}");
}

fn rounded(value: f64) -> f64 {
    let scale = 10_f64.powi(4);
    if value.abs() < 1000.0 {
        (value * scale).round() / scale
    } else {
        value.round()
    }
}

fn shown(value: f64) -> String {
    if value.abs() < 1000.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.0}")
    }
}
