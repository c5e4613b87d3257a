//! What a simulated time came to, in figures.

use std::fmt;

use domain_model::Timestamp;
use domain_model::contact::WorkChannel;
use domain_model::ids::QueueId;
use serde::Serialize;

use crate::judge::{Failure, Judged, judge_with};
use crate::plan::Plan;
use crate::platform::Platform;
use crate::tally::{Counts, Tally};

/// What a simulated time came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The events that were recorded.
    pub events: u64,
    /// The customers who rang.
    pub calls: u64,
    /// The conversations that customers began by writing.
    pub conversations: u64,
    /// When the last thing happened.
    pub ended: Timestamp,
    /// The share of their time at work that agents had something in hand, in thousandths.
    pub occupancy_per_mille: u64,
    /// The decisions of routing policies, each of which came again when its call was played again.
    pub decisions: u64,
    /// Each queue's figures.
    pub queues: Vec<QueueReport>,
    /// The figures of all queues, by channel.
    pub channels: Vec<ChannelReport>,
}

/// A channel's figures over all queues.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChannelReport {
    /// The channel.
    pub channel: WorkChannel,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// A queue's figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueReport {
    /// The queue.
    pub queue: QueueId,
    /// Its name.
    pub name: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What became of those who waited.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Entries that began to wait, each time anew.
    pub offered: u64,
    /// Entries that ended with an agent.
    pub answered: u64,
    /// Entries whose customer left while waiting.
    pub abandoned: u64,
    /// Of those, who left so soon that they count as short.
    pub abandoned_short: u64,
    /// Entries that left in any other way.
    pub flowed_out: u64,
    /// The service level: answered in time, of those answered or abandoned, in thousandths; none without any.
    pub service_level_per_mille: Option<u64>,
    /// The mean wait of those answered, in milliseconds; none without any.
    pub mean_wait_answered_ms: Option<u64>,
    /// The longest wait, in milliseconds.
    pub longest_wait_ms: u64,
}

/// Plays a plan, judges it by the rules and counts. Returns the figures, and the platform with its log.
///
/// # Errors
/// [`Failure`] if it comes to no end or a rule does not hold.
pub fn report(plan: &Plan) -> Result<(Report, Platform), Failure> {
    let mut tally = Tally::default();
    let Judged { platform, again } = judge_with(plan, &mut tally)?;
    let queues = plan.queues.iter().map(|(queue, settings)| {
        let name = settings.name.as_str().to_owned();
        QueueReport {
            queue: *queue,
            name,
            figures: Figures::of(tally.of(*queue)),
        }
    });
    let channels = tally.by_channel().iter().map(|(channel, counts)| ChannelReport {
        channel: *channel,
        figures: Figures::of(*counts),
    });
    let report = Report {
        events: platform.end(),
        calls: tally.calls(),
        conversations: tally.conversations(),
        ended: platform
            .at(platform.end().saturating_sub(1))
            .map_or(plan.begins, |last| last.time),
        occupancy_per_mille: tally.occupancy_per_mille(),
        decisions: again.decisions,
        queues: queues.collect(),
        channels: channels.collect(),
    };
    Ok((report, platform))
}

impl Figures {
    fn of(counts: Counts) -> Self {
        let done = counts.answered + counts.abandoned;
        Self {
            offered: counts.offered,
            answered: counts.answered,
            abandoned: counts.abandoned,
            abandoned_short: counts.abandoned_short,
            flowed_out: counts.flowed_out,
            service_level_per_mille: (1000 * counts.in_time).checked_div(done),
            mean_wait_answered_ms: counts.waited_answered.0.checked_div(counts.answered),
            longest_wait_ms: counts.longest_wait.0,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} calls, {} conversations, {} events, {} decisions, until {}; agents occupied {}",
            self.calls,
            self.conversations,
            self.events,
            self.decisions,
            self.ended,
            percent(Some(self.occupancy_per_mille))
        )?;
        headed(f, "queue")?;
        for queue in &self.queues {
            queue.figures.row(f, &queue.name)?;
        }
        headed(f, "channel")?;
        for channel in &self.channels {
            channel.figures.row(f, &channel.channel.to_string())?;
        }
        Ok(())
    }
}

fn headed(f: &mut fmt::Formatter<'_>, what: &str) -> fmt::Result {
    writeln!(
        f,
        "{what:<16}{:>9}{:>10}{:>11}{:>7}{:>10}{:>9}{:>11}{:>9}",
        "offered", "answered", "abandoned", "short", "flow-out", "SL", "mean wait", "longest"
    )
}

impl Figures {
    fn row(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        writeln!(
            f,
            "{name:<16}{:>9}{:>10}{:>11}{:>7}{:>10}{:>9}{:>11}{:>9}",
            self.offered,
            self.answered,
            self.abandoned,
            self.abandoned_short,
            self.flowed_out,
            percent(self.service_level_per_mille),
            seconds(self.mean_wait_answered_ms),
            seconds(Some(self.longest_wait_ms)),
        )
    }
}

fn percent(per_mille: Option<u64>) -> String {
    per_mille.map_or_else(
        || "-".to_owned(),
        |share| format!("{}.{} %", share / 10, share % 10),
    )
}

fn seconds(ms: Option<u64>) -> String {
    ms.map_or_else(
        || "-".to_owned(),
        |ms| format!("{}.{} s", ms / 1000, ms / 100 % 10),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    #[test]
    fn a_day_is_believable_and_keeps_the_rules() {
        let (report, _) = report(&day::plan(1, 24)).unwrap_or_else(|failure| panic!("{failure}"));
        let [sales, support, messages] = &report.queues[..] else {
            panic!("{report}");
        };
        assert!((1_500..3_500).contains(&report.calls), "{report}");
        for queue in [sales, support] {
            let level = queue.figures.service_level_per_mille.unwrap_or(0);
            assert!((500..980).contains(&level), "{report}");
            assert!(queue.figures.abandoned > 0, "{report}");
        }
        assert!((300..1_200).contains(&report.conversations), "{report}");
        let level = messages.figures.service_level_per_mille.unwrap_or(0);
        assert!((600..1_000).contains(&level), "{report}");
        let channels: Vec<WorkChannel> = report.channels.iter().map(|one| one.channel).collect();
        assert_eq!(
            channels,
            [WorkChannel::Voice, WorkChannel::Chat, WorkChannel::Sms],
            "{report}"
        );
        assert!((350..900).contains(&report.occupancy_per_mille), "{report}");
        assert_eq!(
            super::report(&day::plan(1, 24)).map(|(again, _)| again),
            Ok(report),
            "the same seed, the same day"
        );
    }
}
