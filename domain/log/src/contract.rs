//! One suite that every log passes.
//!
//! A log joins by a [`Stand`], which knows where to put it, and one line in `tests/contract.rs`; each case below then is
//! one test there, named as a fact. What a log promises beyond the trait is named behind the stand:
//!
//! ```ignore
//! domain_log::contract_suite!(Stand::new(), gapless, restarts);
//! ```
//!
//! `gapless`: positions count 0, 1, 2 …; `restarts`: what was acknowledged is there after closing and opening again.
//!
//! The cases, in reading order: [`append`], [`repeat`], [`race`], [`read`], [`subscribe`], [`load`], [`metadata`],
//! [`name`], [`gapless`], [`restart`], and [`history`], which plays generated histories on the log and on
//! [`MemoryLog`](crate::MemoryLog) side by side; [`transfer`] copies one into the other. [`sample`] holds the events that they all write.

use std::sync::Arc;

use async_trait::async_trait;

use crate::EventLog;

pub mod append;
pub mod gapless;
pub mod history;
pub mod load;
pub mod metadata;
pub mod name;
pub mod race;
pub mod read;
pub mod repeat;
pub mod restart;
pub mod sample;
pub mod subscribe;
pub mod transfer;

/// Where logs under test are put.
#[async_trait]
pub trait Stand: Send + Sync {
    /// Where one log lives: a temporary folder, a server of its own.
    type Place: Send + Sync;

    /// Makes a new place, where no log has been.
    async fn place(&self) -> Self::Place;

    /// Opens the log at a place: an empty one the first time, after that what was left there.
    async fn open(&self, place: &Self::Place) -> Arc<dyn EventLog>;

    /// Closes a log, so that its place can be opened again. Nobody else holds it, and no subscription is left.
    async fn close(&self, log: Arc<dyn EventLog>) {
        drop(log);
    }

    /// Says how much the suite may ask of this log.
    fn load(&self) -> Load {
        Load::LOCAL
    }
}

/// How much the suite asks of a log, so that a log behind a network takes no longer than one in this process.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many rounds writers race for.
    pub rounds: u64,
    /// How many streams are made at once.
    pub streams: u64,
    /// How many generated histories are played.
    pub histories: u32,
}

impl Load {
    /// For a log in this process.
    pub const LOCAL: Self = Self {
        rounds: 20,
        streams: 20_000,
        histories: 64,
    };
    /// For a log behind a network.
    pub const REMOTE: Self = Self {
        rounds: 5,
        streams: 2_000,
        histories: 12,
    };
}

/// What a case is about: an empty log, and how much may be asked of it.
pub struct Subject {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// How much may be asked of it.
    pub load: Load,
}

impl Subject {
    /// Opens an empty log, shows one case on it, and closes it.
    pub async fn show<S: Stand>(stand: &S, case: impl AsyncFnOnce(&Self)) {
        let place = stand.place().await;
        let subject = Self {
            log: stand.open(&place).await,
            load: stand.load(),
        };
        case(&subject).await;
        stand.close(subject.log).await;
    }
}

/// Makes one test of each case of the suite.
///
/// `$stand`: an expression for a [`Stand`]; behind it what the log promises beyond the trait, see [the module](self).
#[macro_export]
macro_rules! contract_suite {
    ($stand:expr $(, $promise:ident)* $(,)?) => {
        $crate::contract_suite!(@on_a_log $stand, append,
            an_append_reads_back_as_it_was_written,
            each_append_says_where_its_last_event_stands,
            a_conflict_says_where_the_stream_is,
            what_was_expected_decides,
            a_refused_append_leaves_nothing_behind,
            what_cannot_be_stored_is_refused_by_its_field,
            the_largest_events_are_kept,
            large_and_small_events_keep_their_order,
            a_clock_that_goes_back_changes_no_order,
        );
        $crate::contract_suite!(@on_a_log $stand, repeat,
            a_repeat_is_answered_as_at_first,
            a_repeat_is_known_after_further_appends,
            a_repeat_of_a_part_is_a_repeat,
            a_repeat_with_something_new_is_a_conflict,
            the_same_ids_in_another_order_are_a_conflict,
            the_same_ids_in_another_stream_are_new,
            a_repeat_at_another_revision_is_a_conflict,
        );
        $crate::contract_suite!(@on_a_log $stand, race,
            of_writers_at_one_revision_exactly_one_wins,
            writers_of_one_stream_lose_nothing,
            a_conflict_fails_nobody_else,
            one_append_sent_many_times_at_once_is_recorded_once,
            a_reader_never_sees_half_an_append,
            a_reader_never_sees_the_past_change,
            what_was_acknowledged_is_seen_at_once,
        );
        $crate::contract_suite!(@on_a_log $stand, read,
            an_empty_log_reads_as_nothing,
            a_stream_reads_both_ways_from_anywhere,
            the_log_reads_both_ways_from_anywhere,
            streams_and_the_log_agree,
            a_filter_passes_what_agrees_with_all_its_parts,
            a_limit_counts_what_passes,
            a_long_read_is_whole,
        );
        $crate::contract_suite!(@on_a_log $stand, subscribe,
            it_catches_up_says_so_and_goes_on_live,
            on_an_empty_log_it_is_caught_up_at_nothing,
            it_resumes_after_anything_delivered,
            a_filter_leaves_out_the_rest,
            it_says_how_far_it_has_looked,
            from_the_tail_only_what_is_new_comes,
            one_that_nobody_polls_misses_nothing,
            a_dropped_one_does_no_harm,
        );
        $crate::contract_suite!(@on_a_log $stand, load,
            under_load_each_subscriber_sees_each_event_once_in_order,
            many_subscribers_all_see_everything,
            under_load_it_never_ends_between_the_events_of_an_append,
        );
        $crate::contract_suite!(@on_a_log $stand, metadata,
            a_stream_has_the_default_until_it_is_set,
            metadata_makes_no_event_and_no_stream,
            truncated_events_are_hidden_both_ways,
            a_stream_truncated_whole_goes_on_where_it_was,
            a_repeat_is_known_even_where_it_is_hidden,
            the_log_keeps_its_id_and_labels,
        );
        $crate::contract_suite!(@on_a_log $stand, name,
            names_that_begin_alike_are_different_streams,
            categories_that_begin_alike_are_different,
            any_allowed_name_works,
            many_streams_are_kept_apart,
        );
        $crate::contract_suite!(@on_a_stand $stand, history,
            any_history_reads_as_in_memory,
        );
        $crate::contract_suite!(@on_a_stand $stand, transfer,
            a_copy_there_and_back_is_the_same,
        );
        $($crate::contract_suite!(@$promise $stand);)*
    };
    (@gapless $stand:expr) => {
        $crate::contract_suite!(@on_a_log $stand, gapless,
            positions_count_from_nought_without_a_gap,
        );
    };
    (@restarts $stand:expr) => {
        $crate::contract_suite!(@on_a_stand $stand, restart,
            everything_is_there_afterwards,
            streams_go_on_where_they_were,
            a_repeat_is_known_afterwards,
            a_subscription_resumes_afterwards,
            metadata_and_labels_stay,
            an_empty_log_stays_empty,
            many_restarts_add_up,
            any_history_survives_restarts,
        );

    };
    (@on_a_log $stand:expr, $module:ident, $($case:ident,)*) => {
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    let case = $crate::contract::$module::$case;
                    $crate::contract::Subject::show(&$stand, case).await;
                }
            )*
        }
    };
    (@on_a_stand $stand:expr, $module:ident, $($case:ident,)*) => {
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    $crate::contract::$module::$case(&$stand).await;
                }
            )*
        }
    };
}
