//! Sounds: greetings and music, each with its versions.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::content_hash::ContentHash;
use crate::ids::SoundId;
use crate::text::Name;

use super::State;
use super::event::Event;
use super::rejection::{Decision, Rejection, Thing, change, create, invalid};

/// Where a sound came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum SoundSource {
    /// A file that somebody uploaded.
    File,
    /// Spoken into a telephone.
    Telephone,
}

/// One version of a sound. The sound itself is kept outside the log, under its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct SoundVersion {
    /// Its number, from 1.
    pub version: u32,
    /// The hash of its file.
    pub content: ContentHash,
    /// How long it plays.
    pub length_ms: Millis,
    /// Where it came from.
    pub source: SoundSource,
}

/// A sound as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    /// What people call it; no other sound has this name.
    pub name: Name,
    /// What is played now; nothing before the first upload.
    pub latest: Option<SoundVersion>,
}

/// What somebody wants of sounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Makes a sound, silent at first.
    Create {
        /// Its id.
        sound: SoundId,
        /// What people call it.
        name: Name,
    },
    /// Gives a sound another name.
    Rename {
        /// The sound.
        sound: SoundId,
        /// What people call it from now on.
        name: Name,
    },
    /// Records that a sound has new content.
    Upload {
        /// The sound.
        sound: SoundId,
        /// The hash of its file.
        content: ContentHash,
        /// How long it plays.
        length_ms: Millis,
        /// Where it came from.
        source: SoundSource,
    },
    /// Ends a sound. That no routing policy plays it any more is for the policies' linter to say.
    Remove {
        /// The sound.
        sound: SoundId,
    },
}

impl Sound {
    pub(super) const fn new(name: Name) -> Self {
        Self { name, latest: None }
    }
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Create { sound, name } => {
            let there = state.sounds.get(&sound).map(|there| &there.name);
            create(there, &name, Thing::Sound, || {
                name_is_free(state, sound, &name)?;
                Ok(vec![Event::SoundCreated {
                    sound,
                    name: name.clone(),
                }])
            })
        }
        Command::Rename { sound, name } => {
            let was = &state.sounds.known(&sound, "sound", Thing::Sound)?.name;
            change(was, &name, || {
                name_is_free(state, sound, &name)?;
                Ok(vec![Event::SoundRenamed {
                    sound,
                    name: name.clone(),
                }])
            })
        }
        Command::Upload {
            sound,
            content,
            length_ms,
            source,
        } => upload(state, sound, (content, length_ms, source)),
        Command::Remove { sound } => remove(state, sound),
    }
}

fn name_is_free(state: &State, sound: SoundId, name: &Name) -> Result<(), Rejection> {
    state
        .sounds
        .unique(&sound, "name", Thing::Sound, |other| other.name == *name)
}

fn upload(
    state: &State,
    sound: SoundId,
    (content, length_ms, source): (ContentHash, Millis, SoundSource),
) -> Decision {
    let latest = state.sounds.known(&sound, "sound", Thing::Sound)?.latest;
    if latest.is_some_and(|latest| latest.content == content) {
        return Ok(vec![]);
    }
    if length_ms == Millis(0) {
        return Err(invalid("length_ms", "the sound is empty"));
    }
    let before = latest.map_or(0, |latest| latest.version);
    Ok(vec![Event::SoundUploaded {
        sound,
        version: SoundVersion {
            version: before.saturating_add(1),
            content,
            length_ms,
            source,
        },
    }])
}

fn remove(state: &State, sound: SoundId) -> Decision {
    if !state.sounds.contains(&sound) {
        return Ok(vec![]);
    }
    let music = state.root.as_ref().and_then(|root| root.settings.hold_music);
    if music == Some(sound) {
        return Err(Rejection::InUse {
            thing: Thing::Sound,
            by: Thing::Setting,
        });
    }
    Ok(vec![Event::SoundRemoved { sound }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::settings::Setting;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;
    use crate::testing::sample::{id, text};

    const MUSIC: SoundId = SoundId::new(id(950));

    fn made() -> Event {
        Event::SoundCreated {
            sound: MUSIC,
            name: text("Music"),
        }
    }

    fn take(version: u32, content: &[u8]) -> Event {
        Event::SoundUploaded {
            sound: MUSIC,
            version: SoundVersion {
                version,
                content: ContentHash::of(content),
                length_ms: Millis(9_000),
                source: SoundSource::File,
            },
        }
    }

    fn upload(content: &[u8]) -> Order {
        Order::Sounds(Command::Upload {
            sound: MUSIC,
            content: ContentHash::of(content),
            length_ms: Millis(9_000),
            source: SoundSource::File,
        })
    }

    #[test]
    fn each_new_content_is_a_new_version() {
        given::<Tenant>([created(), made(), take(1, b"la")])
            .when(upload(b"la"))
            .nothing();
        given::<Tenant>([created(), made(), take(1, b"la")])
            .when(upload(b"la la"))
            .then([take(2, b"la la")]);
    }

    #[test]
    fn music_on_hold_is_there_to_be_heard() {
        let (was, now) = (Setting::HoldMusic(None), Setting::HoldMusic(Some(MUSIC)));
        given::<Tenant>([created(), made()])
            .when(Order::ChangeSetting(now.clone()))
            .rejected(invalid(
                "setting.hold_music",
                "nothing was uploaded for this sound yet",
            ));
        let set = Event::SettingChanged { was, now };
        given::<Tenant>([created(), made(), take(1, b"la"), set])
            .when(Order::Sounds(Command::Remove { sound: MUSIC }))
            .rejected(Rejection::InUse {
                thing: Thing::Sound,
                by: Thing::Setting,
            });
    }
}
