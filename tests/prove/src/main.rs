//! `prove`.
fn main() -> anyhow::Result<()> {
    let catalog = statemachines::Catalog::embedded()?;
    for workflow in catalog.iter() {
        let stage = prove::Stage::of(workflow.clone())?;
        let case = prove::Case { workflow: workflow.id.to_string(), faults: vec![], seed: 0 };
        let start = std::time::Instant::now();
        let verdict = stage.run(&case, true);
        for line in &verdict.story {
            println!("{line}");
        }
        println!(
            "{:?} {:?} {} ports {:?}",
            verdict.status,
            verdict.wrong,
            verdict.points.ports.len(),
            start.elapsed()
        );
    }
    Ok(())
}
