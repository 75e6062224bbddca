//! The tool `catalog`, as people run it: what it prints, where, and with which exit code.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

use statemachines::{parse, parse_json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn catalog(root: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_catalog")).arg("--root").arg(root).args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A project of its own with the real catalog's emergency fund builder, changed.
fn changed(change: impl Fn(String) -> String) -> TempDir {
    let root = TempDir::new().unwrap();
    let file = "statemachines/catalog/emergency-fund-builder/1.yaml";
    let text = std::fs::read_to_string(project().join(file)).unwrap();
    std::fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
    std::fs::write(root.path().join(file), change(text)).unwrap();
    root
}

#[test]
fn everything_generated_is_up_to_date() {
    let (code, _, stderr) = catalog(&project(), &["generate", "--check"]);
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn the_catalog_has_no_mistakes() {
    let (code, stdout, stderr) = catalog(&project(), &["check"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.ends_with(" definitions: 0 errors, 0 warnings\n"), "{stdout}");
}

#[test]
fn every_mistake_is_printed_with_file_place_and_help() {
    let root = changed(|text| {
        text.replace("agent: quick-saver\n", "agent: quick-safer\n")
            .replace("simulation.runway_months < 3.0\n", "simulation.runway < 3.0\n")
    });
    let (code, _, stderr) = catalog(root.path(), &["check"]);
    assert_eq!(code, Some(1));
    for part in [
        "error[agents]: there is no agent `quick-safer`",
        "--> statemachines/catalog/emergency-fund-builder/1.yaml at steps[quick-wins].agent",
        "help: one of automation-builder, ",
        "error[triggers]: `simulation.runway < 3.0` reads `simulation.runway`, which is not there",
        "1 definitions: 3 errors, 0 warnings",
    ] {
        assert!(stderr.contains(part), "{part} is not in:\n{stderr}");
    }
}

#[test]
fn a_file_that_does_not_parse_is_named_with_line_and_column() {
    let root = changed(|text| text.replace("category: emergency", "category: urgent"));
    for command in [&["check"][..], &["generate"][..]] {
        let (code, _, stderr) = catalog(root.path(), command);
        assert_ne!(code, Some(0), "{command:?}");
        assert!(stderr.contains("emergency-fund-builder/1.yaml:6:11"), "{stderr}");
        assert!(stderr.contains("urgent"), "{stderr}");
    }
    assert!(!root.path().join("statemachines/generated").exists(), "something half-done was left behind");
}

#[test]
fn mistakes_in_the_structure_of_several_files_are_printed_at_once() {
    let root =
        changed(|text| text.replacen("timeout: ", "timeuot: ", 1).replacen("maxAge: 30d", "maxAge: soon", 1));
    let folder = root.path().join("statemachines/catalog/other");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("1.yaml"), b"id: other\nname: Caf\xe9\n").unwrap();
    let (code, _, stderr) = catalog(root.path(), &["check"]);
    assert_eq!(code, Some(1));
    for part in [
        "error[parse]: `timeuot` is not a field here",
        "error[parse]: `timeout` is missing\n  --> statemachines/catalog/emergency-fund-builder/1.yaml:",
        "error[parse]: `soon` has another form",
        "error[parse]: byte 0xe9 is not UTF-8\n  --> statemachines/catalog/other/1.yaml:2\n  help: save the file as UTF-8",
        ": 4 errors, 0 warnings",
    ] {
        assert!(stderr.contains(part), "{part} is not in:\n{stderr}");
    }
}

#[test]
fn stale_files_are_named_and_generated_ones_are_current() {
    let root = changed(|text| text);
    let (code, _, stderr) = catalog(root.path(), &["generate", "--check"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("stale: statemachines/generated/emergency-fund-builder-v1.asl.json"), "{stderr}");
    assert!(stderr.contains("stale: events/schemas/workflow-event.json"), "{stderr}");
    assert!(stderr.contains("help: run"), "{stderr}");

    assert_eq!(catalog(root.path(), &["generate"]).0, Some(0));
    let left_over = root.path().join("statemachines/generated/gone-v1.asl.json");
    std::fs::write(&left_over, "{}").unwrap();
    let (code, _, stderr) = catalog(root.path(), &["generate", "--check"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("gone-v1.asl.json"), "{stderr}");
    assert_eq!(catalog(root.path(), &["generate"]).0, Some(0));
    assert!(!left_over.exists());
    assert_eq!(catalog(root.path(), &["generate", "--check"]).0, Some(0));
}

#[test]
fn a_published_version_cannot_change_any_more() {
    let root = changed(|text| text);
    assert_eq!(catalog(root.path(), &["generate"]).0, Some(0));
    let (code, stdout, stderr) = catalog(root.path(), &["publish"]);
    assert_eq!((code, stdout.as_str()), (Some(0), "1 versions newly published, 1 in all\n"), "{stderr}");
    assert_eq!(catalog(root.path(), &["check"]).0, Some(0));

    let file = root.path().join("statemachines/catalog/emergency-fund-builder/1.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("deadline: 72h", "deadline: 48h")).unwrap();
    let (code, _, stderr) = catalog(root.path(), &["check"]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("error[published]: emergency-fund-builder/1 was published and has changed since"),
        "{stderr}"
    );
    assert!(stderr.contains("help: put the change into emergency-fund-builder/2.yaml"), "{stderr}");
    let (code, _, stderr) = catalog(root.path(), &["publish"]);
    assert_eq!(code, Some(2), "{stderr}");
}

#[test]
fn explain_compile_json_and_graph_take_an_id_or_a_file() {
    let root = project();
    let (code, stdout, _) = catalog(&root, &["explain", "emergency-fund-builder"]);
    assert_eq!(code, Some(0));
    for part in
        ["transitions, happy path", "history events, worst case", "definition, bytes", "per million runs: $"]
    {
        assert!(stdout.contains(part), "{part} is not in:\n{stdout}");
    }
    let fixture = root.join("statemachines/fixtures/parallel-paths.yaml");
    let fixture = fixture.to_str().unwrap();
    let (code, stdout, _) = catalog(&root, &["compile", fixture]);
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with("{\n  \"Comment\": \"fixture-parallel-paths version 1."), "{stdout}");
    let (code, stdout, _) = catalog(&root, &["json", fixture]);
    assert_eq!(code, Some(0));
    let read = parse_json("stdout", &stdout).unwrap();
    assert_eq!(read, parse(fixture, &std::fs::read_to_string(fixture).unwrap()).unwrap());
    let (code, stdout, _) = catalog(&root, &["graph", fixture]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("flowchart TD"));
    let (code, stdout, _) = catalog(&root, &["graph", fixture, "--machine", "--format", "svg"]);
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with("<svg ") && stdout.ends_with("</svg>\n"));

    let (code, _, stderr) = catalog(&root, &["explain", "emergency-fund"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("there is no workflow or file emergency-fund; the catalog has"), "{stderr}");
}

#[test]
fn outside_a_project_it_says_so() {
    let empty = TempDir::new().unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_catalog")).arg("check").current_dir(empty.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("there is no statemachines/catalog in this folder or above it; say --root"),
        "{stderr}"
    );
}
