//! A part of what `make prove` explores, and what it has found before.

#![expect(clippy::unwrap_used, reason = "a test may")]

use prove::enumerate::singles;
use prove::explore::{Part, explore};
use prove::progress::Progress;
use prove::{Case, Fault, Stage, Verdict, workflows};
use statemachines::Workflow;

/// Runs a case.
fn run(case: &str) -> Verdict {
    let case: Case = case.parse().unwrap();
    let workflow = workflows::named(&case.workflow).unwrap().unwrap();
    Stage::of(workflow).unwrap().run(&case, false)
}

fn nothing_fails(workflows: &[Workflow], part: Part) {
    let tallies = explore(workflows, part, 7, &Progress::default()).unwrap();
    for tally in &tallies {
        assert!(tally.all() > 0);
        let failing: Vec<String> =
            tally.failing.iter().map(|(case, wrong)| format!("prove --replay '{case}': {wrong:?}")).collect();
        assert!(failing.is_empty(), "{}", failing.join("\n"));
    }
}

#[test]
fn a_part_of_the_catalog_holds() {
    nothing_fails(&workflows::catalog().unwrap(), Part::Singles { stride: 150 });
    nothing_fails(&workflows::catalog().unwrap(), Part::Pairs { number: 10 });
}

#[test]
fn a_part_of_the_fixtures_holds() {
    nothing_fails(&workflows::fixtures().unwrap(), Part::Singles { stride: 97 });
}

#[test]
fn made_up_workflows_hold() {
    let made_up: Vec<Workflow> = (0..6).map(|seed| prove::random::workflow(seed).unwrap()).collect();
    nothing_fails(&made_up, Part::Singles { stride: 149 });
}

/// What once failed and was mended.
#[test]
fn what_was_found_stays_mended() {
    for case in [
        // Two attempts at once both had the effect done.
        "fixture-effects/call:0:give-up=Lambda.ClientExecutionTimeoutException/1",
        "fixture-effects/call:0:twice/1",
        // An agent nobody waited for any more was not waited for, and its effect done twice.
        "fixture-effects/agent:2:cut-off/1",
        // A stop in the middle of a step left its effects in doubt.
        "fixture-effects/agent:2:always=ProviderUnavailable+help:stop/1",
        // A function that died after it had written its intent stalled the run, and so did a failure that its token was not told.
        "fixture-may-ask/port:36:die-before/1",
        "fixture-may-ask/agent:3:fail=Critical+port:40:refuse/1",
        // A question open beside an alert let the step go on, and the alert never ended.
        "fixture-may-ask/agent:2:fail=Validation+call:2:fail-after=Permission/1",
        // A condition about the output of a step that was left out rolled everything back.
        "fixture-parallel-paths/agent:5:always=ProviderUnavailable+help:deny/1",
        // What a person had done and proved was recorded after the run had been rolled back, when nothing undid it any more.
        "random-1000/agent:4:fail=Critical/1",
        "emergency-fund-builder/act:120:cancel/1",
        // A question that was decided and could not be taken stayed open after the run's end.
        "debt-avalanche-accelerator/agent:7:fail=Validation+agent:8:always=Critical+help:never/1",
        "fixture-fallback/agent:5:fail-item=Declined/1",
        // An attempt that failed after the platform had given it up took the alert's state away, and no answer was taken any more.
        "random-1002/call:0:give-up=Lambda.ClientExecutionTimeoutException/1",
        "random-1006/agent:5:fail=Validation+call:3:twice/1",
        // A provider that never answered was asked for ever whether the user had reversed what it held.
        "investment-tax-harvester/agent:8:always=Critical+help:thorough+agent:9:always=Timeout/14646652180046636950",
        // The first steps of two branches both noted that the run had begun; the second one's attempt failed of it.
        "random-1003/port:14:lose/1",
        // An agent was asked, for what an approval was given for, when too little time was left for its answer.
        "random-1003/agent:0:slow/1",
        // A run that waited two days for a person was looked at every five minutes.
        "random-1009/agent:10:fail-item=Declined/1",
        // A slow provider was asked about one reversal after the other, never came to an end, and what it had said was forgotten.
        "random-1009/agent:24:fail=Critical+agent:25:slow/1",
        // An intent that was not written, of a run that was ended meanwhile, was recorded together with the failure.
        "random-2005/act:87:abort+port:95:refuse/3877297647070123733",
        // A question of a group stayed open once the group had failed of its answer.
        "random-2013/call:1:fail-before=RateLimited+answer:1:after-deadline/6718886775930942420",
        // A run that was stopped was called rolled back once what had been in doubt was reversed by hand.
        "debt-avalanche-accelerator/agent:14:always=Interrupted+help:thorough+agent:31:always=Permission/3910790728772943506",
        // An attempt whose beginning could not be written failed without having begun, which nobody would record.
        "fixture-group-in-branch/agent:3:always=AgentBusy+port:376:refuse/3525245055046846417",
        // The platform failed the first step before anyone had noted that the run had begun, and no help could be asked for.
        "fixture-once/call:0:fail-before=Lambda.AWSLambdaException+port:14:lose/319879161157156337",
        // A recovery alert forgot that an agent might still be at work: what it did after the run was stopped was never found out.
        "random-4008/act:133:stop+agent:7:cut-off/3380475574138626653",
        // A sweep that wanted to stop a run which was being cancelled took that for a defect, and let no waiting state go.
        "fixture-parallel/agent:2:fail=Permission+help:never+act:44:cancel/8097875853865443356",
    ] {
        let verdict = run(case);
        assert!(verdict.wrong.is_empty(), "prove --replay '{case}': {:?}", verdict.wrong);
    }
}

/// What cases have in common is played once; that must not show.
#[test]
fn a_case_is_the_same_whether_its_beginning_was_played_before() {
    let workflow = workflows::named("emergency-fund-builder").unwrap().unwrap();
    let stage = Stage::of(workflow).unwrap();
    let case = |faults: &[Fault]| Case {
        workflow: "emergency-fund-builder".to_owned(),
        faults: faults.to_vec(),
        seed: 3,
    };
    for root in ["", "agent:8:fail=Validation"] {
        let root: Vec<Fault> =
            root.split('+').filter(|it| !it.is_empty()).map(|it| it.parse().unwrap()).collect();
        let (plain, prefix) = stage.prefix(&case(&root));
        for faults in singles(&plain.points, 0).iter().step_by(41) {
            let case = case(&[root.clone(), faults.clone()].concat());
            let (whole, rest) = (stage.run(&case, false), stage.run_after(&prefix, &case));
            assert_eq!((whole.status, &whole.wrong), (rest.status, &rest.wrong), "{case}");
            assert_eq!(whole.points, rest.points, "{case}");
        }
    }
}

#[test]
fn a_case_is_the_same_at_every_run() {
    let case: Case = "fixture-effects/agent:2:lose-answer+act:30:cancel/5".parse().unwrap();
    let stage = Stage::of(workflows::named(&case.workflow).unwrap().unwrap()).unwrap();
    let first = stage.run(&case, true);
    assert_eq!(first.story, stage.run(&case, true).story);
    assert!(!first.story.is_empty());
}

#[test]
fn a_case_has_a_name_that_is_read_again() {
    let names = [
        "w//0",
        "w/port:3:die-before+agent:4:fail=Timeout/1",
        "w/agent:0:always=Critical+help:thorough/2",
        "w/call:1:fail-after=Lambda.Unknown+act:9:abort/3",
        "w/answer:0:after-deadline+deliver:2:lost+stream:5/18446744073709551615",
        "w/call:1:hang/0",
    ];
    for name in names {
        assert_eq!(name.parse::<Case>().unwrap().to_string(), name);
    }
    for name in
        ["", "w/port:x:die-before/1", "w/agent:1:fail=Whatever/1", "w/nothing:1/1", "w/call:1/1", "w//x"]
    {
        assert!(name.parse::<Case>().is_err(), "{name}");
    }
}
