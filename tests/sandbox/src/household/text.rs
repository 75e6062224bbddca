//! A household file's text, or the line at which it stops being text.

use std::path::Path;

use super::error::HouseholdError;

/// Reads a file of UTF-8.
///
/// # Errors
/// [`HouseholdError::Unreadable`] where there is none to read, [`HouseholdError::Bad`] with the first line in another encoding.
pub(super) fn read(path: &Path) -> Result<String, HouseholdError> {
    let bytes =
        std::fs::read(path).map_err(|source| HouseholdError::Unreadable { file: path.to_owned(), source })?;
    String::from_utf8(bytes).map_err(|error| {
        let (read, bad) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let line = 1 + read.iter().filter(|byte| **byte == b'\n').count();
        let byte = bad.first().copied().unwrap_or_default();
        let problem = format!(
            "byte {byte:#04x} is not UTF-8; save the file as UTF-8 (`CSV UTF-8` in a spreadsheet), or convert it: iconv -f WINDOWS-1252 -t UTF-8"
        );
        HouseholdError::at(path, u64::try_from(line).ok(), problem)
    })
}
