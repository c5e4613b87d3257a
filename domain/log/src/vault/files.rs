//! Small files that must be whole, private to their owner and safe on disk before anything relies on them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Creates a file that only its owner may read; fails if there is one.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Writes a private file in one step: it is there whole or not at all. One that is there already stays.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = beside(path, ".part");
    remove_if_there(&part)?;
    let mut file = create_private(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    give_name(&part, path)
}

/// Gives a finished file its name, unless the name is taken.
pub(super) fn give_name(part: &Path, path: &Path) -> io::Result<()> {
    // A rename would replace what another process put there meanwhile; a link does not.
    std::fs::hard_link(part, path)?;
    std::fs::remove_file(part)?;
    sync_folder_of(path)
}

/// Makes a name that was given or taken away survive a power cut.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Returns the path of the file beside another one.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(refused) if refused.kind() != io::ErrorKind::NotFound => Err(refused),
        Ok(()) | Err(_) => Ok(()),
    }
}
