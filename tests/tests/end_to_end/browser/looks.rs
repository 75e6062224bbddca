//! What every page is held to, in light and dark, on a phone and on a desk: nothing that a screen reader stumbles over, no complaint of
//! the browser's. A picture of each is left under `target/screenshots`, to be looked at.

use super::driver::Browser;
use crate::root;
use serde_json::{Value, json};

/// axe-core 4.14.1, as its makers publish it (MPL-2.0).
const AXE: &str = include_str!("axe-4.14.1.min.js");

/// What axe finds; only what hinders somebody.
const RUN: &str = "const done = arguments[arguments.length - 1];
    axe.run({ resultTypes: ['violations'] }).then(({ violations }) => done(violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html, any }) => html + ' ' + any.map(it => it.message)).join(' | ')}`)), done)";

/// Opens what is shut, for the time being.
const OPEN: &str = "window.shut = [...document.querySelectorAll('main details:not([open])')];
    window.shut.forEach(it => it.open = true)";

/// Looks at the page in every way, under this name.
pub(super) async fn good(browser: &Browser, name: &str) {
    browser.script(OPEN, json!([])).await;
    for (size, width, height) in [("desk", 1280, 900), ("phone", 390, 844)] {
        browser.screen(width, height).await;
        for scheme in ["dark", "light"] {
            browser.scheme(scheme).await;
            picture(browser, &format!("{name}-{size}-{scheme}")).await;
            let found = accessible(browser).await;
            assert!(found.is_empty(), "{name}, {size}, {scheme}:\n{}", found.join("\n"));
        }
        let wide =
            browser.script("return document.documentElement.scrollWidth - innerWidth", json!([])).await;
        assert!(wide.as_i64().unwrap() <= 0, "{name}: the {size} has to scroll sideways");
    }
    browser.script("window.shut.forEach(it => it.open = false)", json!([])).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{name}");
}

async fn picture(browser: &Browser, name: &str) {
    let folder = root().join("target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), browser.picture().await).unwrap();
}

async fn accessible(browser: &Browser) -> Vec<String> {
    browser.script(AXE, json!([])).await;
    match browser.waiting_script(RUN).await {
        Value::Array(found) => found.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect(),
        other => panic!("axe did not run: {other}"),
    }
}

/// The bytes that the page took from the network, and how far things moved while it was built.
pub(super) async fn costs(browser: &Browser) -> (u64, f64) {
    let costs = browser.waiting_script(
        "const done = arguments[arguments.length - 1];
        const loaded = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        let moved = 0;
        new PerformanceObserver(list => list.getEntries().forEach(it => { if (!it.hadRecentInput) moved += it.value; }))
            .observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => setTimeout(() => done([loaded.reduce((sum, it) => sum + it.transferSize, 0), moved]), 100));",
    );
    let costs = costs.await;
    (costs[0].as_u64().unwrap(), costs[1].as_f64().unwrap())
}
