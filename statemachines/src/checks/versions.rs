//! Versions: one file each, and once published never changed.

use super::{Definition, Published, Report, Subject};
use crate::finding::{Finding, Level};

fn key(definition: &Definition) -> String {
    format!("{}/{}", definition.workflow.id, definition.workflow.version)
}

/// In a catalog the file's path says which workflow and version it is.
pub(super) fn file_name(subject: &Subject, report: &mut Report) {
    let file = &subject.definition.file;
    let expected = format!("{}.yaml", key(subject.definition));
    if subject.workflow.version == 0 {
        report.error("version", "there is no version 0", "start with 1");
    }
    if file.contains("catalog/") && !file.ends_with(&format!("catalog/{expected}")) {
        let what = format!("the file holds {} but is not named so", key(subject.definition));
        report.error("id", what, format!("move it to catalog/{expected}, or correct `id` and `version`"));
    }
}

/// No version stands in two files.
pub(super) fn twice(subject: &Subject, report: &mut Report) {
    let same = subject
        .all
        .iter()
        .find(|other| key(other) == key(subject.definition) && other.file < subject.definition.file);
    if let Some(other) = same {
        let what = format!("{} also stands in {}", key(subject.definition), other.file);
        report.error("version", what, "raise the version of one of them");
    }
}

/// A published version stays as it was.
pub(super) fn published(subject: &Subject, report: &mut Report) {
    let key = key(subject.definition);
    if subject.published.get(&key).is_some_and(|digest| *digest != subject.definition.digest) {
        let next = subject.workflow.version + 1;
        report.error(
            "version",
            format!("{key} was published and has changed since; runs may be using it"),
            format!("put the change into {}/{next}.yaml and this file back as it was", subject.workflow.id),
        );
    }
}

/// A published version's file stays while a run may use it.
pub(super) fn missing(definitions: &[Definition], published: &Published) -> Vec<Finding> {
    let gone =
        published.keys().filter(|name| !definitions.iter().any(|definition| key(definition) == **name));
    gone.map(|name| Finding {
        file: format!("catalog/{name}.yaml"),
        path: String::new(),
        check: "published-missing",
        what: format!("{name} was published but its file is gone; runs may be using it"),
        help: "put the file back; take its line out of published.json only when no run uses it any more"
            .to_owned(),
        severity: Level::Error,
    })
    .collect()
}
