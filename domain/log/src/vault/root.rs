//! The root key: 32 bytes in a file that is kept apart from the vault and from its backups.

use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::crypt::{Cipher, KEY_BYTES, Secret};
use super::{RootKeyError, files};

/// The key that the tenants' keys are wrapped by.
pub(super) struct RootKey {
    pub(super) cipher: Cipher,
    path: Option<PathBuf>,
    // Whether the file of that path holds this key, or the one beside it still does.
    in_place: bool,
}

impl RootKey {
    /// Reads the key; none if there is no file.
    pub(super) fn load(path: &Path) -> Result<Option<Self>, RootKeyError> {
        let failed = |source| RootKeyError::Failed {
            path: path.to_owned(),
            source,
        };
        let mut file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(refused) if refused.kind() == ErrorKind::NotFound => return Ok(None),
            Err(refused) => return Err(failed(refused)),
        };
        let about = file.metadata().map_err(failed)?;
        let mode = about.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(RootKeyError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        if about.len() != KEY_BYTES as u64 {
            return Err(RootKeyError::WrongLength {
                path: path.to_owned(),
                length: about.len(),
            });
        }
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        file.read_exact(bytes.as_mut_slice()).map_err(failed)?;
        Ok(Some(Self {
            cipher: Cipher::new(&Secret::new(bytes)),
            path: Some(path.to_owned()),
            in_place: true,
        }))
    }

    /// Puts a new key into a file that is not there yet.
    pub(super) fn create(path: &Path, secret: &Secret) -> Result<Self, RootKeyError> {
        files::write_new(path, secret.bytes()).map_err(|source| RootKeyError::Failed {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            cipher: Cipher::new(secret),
            path: Some(path.to_owned()),
            in_place: true,
        })
    }

    /// Makes a key that is kept nowhere.
    #[cfg(any(test, feature = "contract"))]
    pub(super) fn in_memory(secret: &Secret) -> Self {
        Self {
            cipher: Cipher::new(secret),
            path: None,
            in_place: true,
        }
    }

    /// Puts the key that is to follow beside this one, in a file that [`RootKey::take_over`] renames.
    pub(super) fn prepare_next(&self, secret: &Secret) -> Result<Self, RootKeyError> {
        let Some(path) = &self.path else {
            return Ok(Self {
                cipher: Cipher::new(secret),
                path: None,
                in_place: true,
            });
        };
        let next = Self::next_of(path);
        files::remove_if_there(&next).map_err(|source| RootKeyError::Failed {
            path: next.clone(),
            source,
        })?;
        let made = Self::create(&next, secret)?;
        Ok(Self {
            path: Some(path.clone()),
            in_place: false,
            ..made
        })
    }

    fn load_next(path: &Path) -> Result<Option<Self>, RootKeyError> {
        let next = Self::load(&Self::next_of(path))?;
        Ok(next.map(|key| Self {
            path: Some(path.to_owned()),
            in_place: false,
            ..key
        }))
    }

    /// Gives the next key the name of the old one, which is gone then. A key that is in place stays there.
    pub(super) fn take_over(&mut self) -> Result<(), RootKeyError> {
        let Some(path) = self.path.as_ref().filter(|_| !self.in_place) else {
            return Ok(());
        };
        std::fs::rename(Self::next_of(path), path)
            .and_then(|()| files::sync_folder_of(path))
            .map_err(|source| RootKeyError::Failed {
                path: path.clone(),
                source,
            })?;
        self.in_place = true;
        Ok(())
    }

    /// Reads the key that was to follow this one.
    pub(super) fn next(&self) -> Result<Option<Self>, RootKeyError> {
        self.path.as_deref().map_or(Ok(None), Self::load_next)
    }

    fn next_of(path: &Path) -> PathBuf {
        files::beside(path, ".next")
    }
}
