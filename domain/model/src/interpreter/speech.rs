//! What callers hear and press: Speak, Digits, Survey and the menu of a switchboard.

use super::data::property;
use super::effect::{AskedKeys, Effect, Say, Speaking};
use super::inputs::Inputs;
use super::outbound;
use super::scene::{Scene, Spot};
use super::state::Keys;
use super::want;
use super::wants::{Verdict, Wants};
use crate::call::facts::{Collected, Nth, SurveyAnswer};
use crate::call::{Command, wrap_up};
use crate::ids::LegId;
use crate::routing_policy::graph::apps::App;
use crate::routing_policy::graph::apps::speech::{Digits, Part, Question, Speak, Speech, Survey};
use crate::routing_policy::graph::containers::Switchboard;
use crate::routing_policy::graph::words::Language;
use crate::text::Key;

/// Something to say, with the number of the prompt before its first part.
pub(super) struct Line<'a> {
    pub(super) after: u32,
    pub(super) leg: LegId,
    pub(super) say: &'a [Part],
    pub(super) voice: Option<&'a Key>,
    pub(super) language: Option<&'a Language>,
    pub(super) interruptible: bool,
}

impl<'a> Line<'a> {
    pub(super) fn of(speech: &'a Speech, after: u32, leg: LegId, interruptible: bool) -> Self {
        Self {
            after,
            leg,
            say: &speech.say,
            voice: speech.voice.as_ref(),
            language: speech.language.as_ref(),
            interruptible,
        }
    }
}

fn count(parts: &[Part]) -> u32 {
    u32::try_from(parts.len()).unwrap_or(u32::MAX)
}

/// Plays what was not heard yet, and says whether all of it was heard or cut short.
pub(super) fn say(scene: &Scene<'_>, line: &Line<'_>, out: &mut Wants) -> bool {
    let progress = &scene.state.step;
    let last = line.after.saturating_add(count(line.say));
    let cut = progress.cuts.iter().any(|cut| line.after < *cut && *cut <= last);
    if cut || progress.prompts >= last {
        return true;
    }
    for (nth, part) in (line.after.saturating_add(1)..).zip(line.say) {
        if nth <= progress.prompts {
            continue;
        }
        let play = Effect::Play {
            step: scene.step(),
            nth: Nth(nth),
            leg: line.leg,
            say: spoken(scene, part),
            voice: line.voice.cloned(),
            language: line
                .language
                .map_or(scene.language(), Language::as_str)
                .to_owned(),
            interruptible: line.interruptible,
        };
        out.effect(format!("play/{nth}"), play);
    }
    false
}

fn spoken(scene: &Scene<'_>, part: &Part) -> Say {
    match part {
        Part::Text(part) => Say::Text(scene.filled(&part.text)),
        Part::Sound(part) => Say::Sound(part.sound),
        Part::Markup(part) => Say::Markup(scene.filled_markup(&part.markup)),
    }
}

/// Fills a speech in for whoever plays it by themselves.
pub(super) fn speaking(scene: &Scene<'_>, speech: &Speech) -> Speaking {
    Speaking {
        say: speech.say.iter().map(|part| spoken(scene, part)).collect(),
        voice: speech.voice.clone(),
        language: speech
            .language
            .as_ref()
            .map_or(scene.language(), Language::as_str)
            .to_owned(),
    }
}

pub(super) fn speak(scene: &Scene<'_>, app: &App, speak: &Speak, out: &mut Wants) {
    if outbound::passes(scene, out) {
        return;
    }
    let Some(leg) = want::answered(scene, out) else {
        return;
    };
    let line = Line {
        after: 0,
        leg,
        say: &speak.say,
        voice: speak.voice.as_ref(),
        language: speak.language.as_ref(),
        interruptible: speak.interruptible,
    };
    if !say(scene, &line, out) {
        return;
    }
    let mut inputs = Inputs::default();
    let texts = speak.say.iter().filter_map(|part| match part {
        Part::Text(part) => Some(&part.text),
        Part::Markup(part) => Some(&*part.markup),
        Part::Sound(_) => None,
    });
    for text in texts {
        scene.fill(text, &mut inputs);
    }
    let reason = if scene.state.step.cuts.is_empty() {
        "the caller heard it"
    } else {
        "the caller cut it short"
    };
    decide(scene, app, "next", (inputs, reason.to_owned()), out);
}

fn decide(scene: &Scene<'_>, app: &App, branch: &str, (inputs, reason): (Inputs, String), out: &mut Wants) {
    let verdict = Verdict {
        node: &app.id,
        app: app.does.word(),
        branch,
        inputs,
        reason,
    };
    out.decide(scene, verdict);
}

/// One asking for keys: what is said before, and how it went if it is over.
struct Asking<'a> {
    nth: u32,
    leg: LegId,
    // What is said, one after the other, and the number of the prompt before.
    say: Vec<&'a Speech>,
    after: u32,
}

// Says what there is to say and collects the keys.
fn ask(scene: &Scene<'_>, asking: &Asking<'_>, keys: AskedKeys, out: &mut Wants) {
    let mut after = asking.after;
    for speech in &asking.say {
        say(scene, &Line::of(speech, after, asking.leg, keys.barge_in), out);
        after = after.saturating_add(count(&speech.say));
    }
    let collect = Effect::Collect {
        step: scene.step(),
        nth: Nth(asking.nth),
        leg: asking.leg,
        keys,
    };
    out.effect(format!("collect/{}", asking.nth), collect);
}

/// How asking for the same keys went, up to the first try that fits or the last that is allowed.
struct Tries<'a> {
    over: Option<&'a Keys>,
    // The number of the next try, what is said before it, and the number of the prompt before that.
    next: u32,
    say: Vec<&'a Speech>,
    after: u32,
}

/// What is said before each try, and after one that went wrong.
struct Saying<'a> {
    prompt: &'a Speech,
    wrong: Option<&'a Speech>,
    missing: Option<&'a Speech>,
}

// Goes through the tries so far. `first`: the number of the first try; `after`: the number of the prompt before it.
fn tries<'a>(scene: &Scene<'a>, saying: &Saying<'a>, (first, after): (u32, u32), max: u64) -> Tries<'a> {
    let mut state = Tries {
        over: None,
        next: first,
        say: vec![saying.prompt],
        after,
    };
    let last = u64::from(first).saturating_add(max);
    while let Some(keys) = scene.state.step.keys.get(&state.next) {
        let said = state.say.iter().map(|speech| count(&speech.say));
        state.after = said.fold(state.after, u32::saturating_add);
        state.next = state.next.saturating_add(1);
        let comment = match keys.outcome {
            Collected::Matched => None,
            Collected::Invalid => saying.wrong,
            Collected::Nothing => saying.missing,
        };
        state.say = comment.into_iter().chain([saying.prompt]).collect();
        if keys.outcome == Collected::Matched || u64::from(state.next) >= last {
            state.over = Some(keys);
            break;
        }
    }
    state
}

fn pressed(keys: &Keys) -> Option<&str> {
    Some(keys.digits.as_ref()?.reveal()?.as_str())
}

pub(super) fn digits(scene: &Scene<'_>, app: &App, digits: &Digits, out: &mut Wants) {
    if outbound::passes(scene, out) {
        return;
    }
    let Some(leg) = want::answered(scene, out) else {
        return;
    };
    let saying = Saying {
        prompt: &digits.prompt,
        wrong: digits.wrong.as_ref(),
        missing: None,
    };
    let tries = tries(scene, &saying, (1, 0), digits.tries.get());
    let Some(keys) = tries.over else {
        let asking = Asking {
            nth: tries.next,
            leg,
            say: tries.say,
            after: tries.after,
        };
        ask(scene, &asking, asked(digits), out);
        return;
    };
    let mut inputs = Inputs::default();
    inputs.plain("tries", &tries.next.saturating_sub(1).to_string());
    // Keys that are secret stay with whoever collected them.
    let known = pressed(keys).filter(|_| !digits.secret);
    if let Some(known) = known {
        inputs.private(scene, "digits", known);
    }
    let (branch, reason) = match keys.outcome {
        Collected::Matched => {
            let set = property(scene, digits.into.as_str(), known.unwrap_or_default());
            out.set_properties(scene, set.into_iter().collect());
            ("matched", "the caller pressed digits that fit")
        }
        Collected::Invalid => ("no_match", "the caller's last try did not fit"),
        Collected::Nothing => ("no_input", "the caller pressed nothing at the last try"),
    };
    decide(scene, app, branch, (inputs, reason.to_owned()), out);
}

fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn asked(digits: &Digits) -> AskedKeys {
    AskedKeys {
        one_of: vec![],
        min: small(digits.min.get()),
        max: small(digits.max.get()),
        finish: digits.finish_key.map(char::from),
        pattern: digits.pattern.clone(),
        first: digits.first_key_ms.get(),
        next: digits.next_key_ms.get(),
        barge_in: true,
        secret: digits.secret,
    }
}

fn one_of(keys: Vec<char>, wait: crate::Millis, barge_in: bool) -> AskedKeys {
    AskedKeys {
        one_of: keys,
        min: 1,
        max: 1,
        finish: None,
        pattern: None,
        first: wait,
        next: wait,
        barge_in,
        secret: false,
    }
}

pub(super) fn menu(scene: &Scene<'_>, spot: Spot<'_>, menu: &Switchboard, out: &mut Wants) {
    if outbound::passes(scene, out) {
        return;
    }
    let Some(leg) = want::answered(scene, out) else {
        return;
    };
    let saying = Saying {
        prompt: &menu.prompt,
        wrong: menu.wrong.as_ref(),
        missing: menu.missing.as_ref(),
    };
    let tries = tries(scene, &saying, (1, 0), menu.tries.get());
    let Some(keys) = tries.over else {
        let asking = Asking {
            nth: tries.next,
            leg,
            say: tries.say,
            after: tries.after,
        };
        let choices = menu.keys.iter().map(|key| char::from(key.key)).collect();
        ask(
            scene,
            &asking,
            one_of(choices, menu.key_ms.get(), menu.interruptible),
            out,
        );
        return;
    };
    let mut inputs = Inputs::default();
    inputs.plain("tries", &tries.next.saturating_sub(1).to_string());
    let key = pressed(keys).filter(|_| keys.outcome != Collected::Nothing);
    let choice = key
        .filter(|_| keys.outcome == Collected::Matched)
        .and_then(|key| menu.keys.iter().find(|known| known.key.to_string() == key));
    match (choice, key) {
        // What the menu offers is in the policy for all to read; what else was pressed may be a number or a PIN.
        (Some(choice), _) => inputs.plain("key", &choice.key.to_string()),
        (None, Some(key)) => inputs.private(scene, "key", key),
        (None, None) => {}
    }
    let (branch, reason) = match (choice, keys.outcome) {
        (Some(choice), _) => {
            let what = choice.title.as_ref().map(|title| format!(", which is {title}"));
            let reason = format!("the caller pressed {}{}", choice.key, what.unwrap_or_default());
            (format!("key_{}", choice.key), reason)
        }
        (None, Collected::Nothing) => {
            let reason = "the caller pressed nothing at the last try";
            ("no_input".to_owned(), reason.to_owned())
        }
        (None, Collected::Matched | Collected::Invalid) => {
            let reason = "the caller's last key was none of the menu's";
            ("no_match".to_owned(), reason.to_owned())
        }
    };
    let verdict = Verdict {
        node: spot.node(),
        app: "switchboard",
        branch: &branch,
        inputs,
        reason,
    };
    out.decide(scene, verdict);
}

pub(super) fn survey(scene: &Scene<'_>, app: &App, survey: &Survey, out: &mut Wants) {
    if outbound::passes(scene, out) {
        return;
    }
    let Some(leg) = want::answered(scene, out) else {
        return;
    };
    let (mut first, mut after) = (1, 0);
    let mut inputs = Inputs::default();
    let mut answers = Vec::new();
    for question in survey.questions.iter() {
        let saying = Saying {
            prompt: &question.ask,
            wrong: None,
            missing: None,
        };
        let tries = tries(scene, &saying, (first, after), survey.tries.get());
        let Some(keys) = tries.over else {
            let asking = Asking {
                nth: tries.next,
                leg,
                say: tries.say,
                after: tries.after,
            };
            ask(
                scene,
                &asking,
                one_of(scale(question), survey.answer_ms.get(), true),
                out,
            );
            return;
        };
        let Some(score) = score(keys) else {
            out.set_properties(scene, answers);
            let reason = format!("the question {} was left without an answer", question.name);
            decide(scene, app, "abandoned", (inputs, reason), out);
            return;
        };
        answer(scene, survey, question, score, out);
        inputs.private(scene, question.name.as_str(), &score.to_string());
        answers.extend(property(scene, question.name.as_str(), &score.to_string()));
        (first, after) = (tries.next, tries.after);
    }
    out.set_properties(scene, answers);
    let reason = "every question was answered".to_owned();
    decide(scene, app, "done", (inputs, reason), out);
}

fn scale(question: &Question) -> Vec<char> {
    let keys = question.from.get()..=question.until.get();
    keys.filter_map(|key| char::from_digit(u32::try_from(key).ok()?, 10))
        .collect()
}

fn score(keys: &Keys) -> Option<u8> {
    let fits = keys.outcome == Collected::Matched;
    pressed(keys).filter(|_| fits)?.parse().ok()
}

fn answer(scene: &Scene<'_>, survey: &Survey, question: &Question, score: u8, out: &mut Wants) {
    let Ok(name) = Key::new(question.name.as_str()) else {
        return;
    };
    let answer = wrap_up::Command::AnswerSurvey {
        survey: survey.name.clone(),
        question: name,
        answer: SurveyAnswer::Score { score },
        at: scene.now,
    };
    out.command(format!("answer/{}", question.name), Command::WrapUp(answer));
}
