//! Pictures: goldens as Mermaid, and what every SVG must show.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

use statemachines::diagram::Diagram;
use statemachines::{Catalog, Workflow, compile, parse};
use std::path::Path;

fn fixture(name: &str) -> Workflow {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).with_extension("yaml");
    parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn workflows_and_machines_are_drawn_as_mermaid() {
    for name in ["parallel-paths", "fallback", "group"] {
        let workflow = fixture(name);
        let machine = compile(&workflow).unwrap();
        insta::assert_snapshot!(name, Diagram::of_workflow(&workflow).unwrap().to_mermaid());
        insta::assert_snapshot!(
            format!("{name}-machine"),
            Diagram::of_machine(&workflow, &machine).to_mermaid()
        );
    }
}

#[test]
fn every_step_and_state_is_in_the_picture_and_no_two_boxes_overlap() {
    let catalog = Catalog::embedded().unwrap();
    let mut workflows: Vec<Workflow> = catalog.iter().cloned().collect();
    workflows.extend(
        ["parallel-paths", "nested", "not-series-parallel", "fallback", "group", "group-in-branch"]
            .map(fixture),
    );
    for workflow in workflows {
        let machine = compile(&workflow).unwrap();
        let picture = Diagram::of_workflow(&workflow).unwrap().to_svg();
        let of_machine = Diagram::of_machine(&workflow, &machine).to_svg();
        for step in &workflow.steps {
            assert!(picture.contains(&format!(">{}<", step.name)), "{}", step.name);
            assert!(of_machine.contains(&format!(">{}<", step.id)), "{}", step.id);
        }
        for name in machine.states.keys() {
            assert!(of_machine.contains(&format!(">{name}<")), "{name}");
        }
        for svg in [&picture, &of_machine] {
            apart(svg, workflow.id.as_str());
        }
        assert_eq!(of_machine, Diagram::of_machine(&workflow, &machine).to_svg());
    }
}

/// Reads the boxes back: filled rectangles with a border of their own colour.
fn apart(svg: &str, name: &str) {
    let number = |line: &str, key: &str| -> i32 {
        let from = line.find(&format!(" {key}=\"")).unwrap() + key.len() + 3;
        line[from..].split('"').next().unwrap().parse().unwrap()
    };
    let boxes: Vec<[i32; 4]> = svg
        .lines()
        .filter(|line| line.starts_with("<rect") && line.contains("stroke-width=\"2\""))
        .map(|line| ["x", "y", "width", "height"].map(|key| number(line, key)))
        .collect();
    for (at, a) in boxes.iter().enumerate() {
        for b in &boxes[..at] {
            let across = a[0] < b[0] + b[2] && b[0] < a[0] + a[2];
            let along = a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
            assert!(!(across && along), "{name}: {a:?} and {b:?} overlap");
        }
    }
}
