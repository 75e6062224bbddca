// What a page does beyond what its forms and links do by themselves: times in the reader's own zone, clocks that go on, live updates,
// and saying when there is no connection. Without it everything works that does not move.

const base = document.body.dataset.base;

// ---- Times -----------------------------------------------------------------------------------------------------------

const point = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]:not(.date):not([title])")) {
    time.title = time.textContent;
    time.textContent = point.format(new Date(time.dateTime));
  }
}

// As `words::lasting` in console/words.rs.
function lasting(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
  if (seconds < 172800) return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
  return `${Math.floor(seconds / 86400)} days`;
}

function tick() {
  for (const clock of document.querySelectorAll(".elapsed[data-since]")) {
    clock.textContent = lasting(Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 1000)));
  }
}

// ---- Parts that are shown anew -----------------------------------------------------------------------------------------

// What the reader opened stays open, and what they are writing stays written.
const { callbacks } = Idiomorph.defaults;
callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS");
callbacks.beforeNodeMorphed = (before) => !(before.tagName === "FORM" && (before.dataset.touched || before.matches(":focus-within")));
document.addEventListener("input", ({ target }) => target.form && (target.form.dataset.touched = "yes"));
document.addEventListener("htmx:beforeRequest", ({ target }) => target.dataset && delete target.dataset.touched);
document.addEventListener("htmx:afterSettle", ({ target }) => {
  localise(target.parentElement ?? target);
  tick();
});
// What an answer came to is where the reader goes on.
document.addEventListener("htmx:afterSwap", ({ detail, target }) => {
  if (detail.requestConfig?.verb !== "post") return;
  const said = document.getElementById(target.id)?.querySelector(".notice");
  if (said) {
    said.tabIndex = -1;
    said.focus();
  }
});

// ---- The connection ----------------------------------------------------------------------------------------------------

const connection = document.getElementById("connection");

function lost(sending) {
  connection.textContent = sending
    ? "This could not be sent, so nothing was changed. Please try again."
    : "No connection. What you see may be old; we keep trying.";
}

function found() {
  connection.textContent = "";
}

document.addEventListener("htmx:sendError", ({ detail }) => lost(detail.requestConfig?.verb === "post"));
document.addEventListener("htmx:responseError", ({ detail }) => detail.xhr.status >= 500 && lost(detail.requestConfig?.verb === "post"));
document.addEventListener("htmx:afterRequest", ({ detail }) => detail.successful && found());
addEventListener("offline", () => lost(false));
addEventListener("online", () => refresh(() => true));

// ---- Live updates ------------------------------------------------------------------------------------------------------

// A socket says which run has changed; what is shown of it is asked for then. Without one we ask every other second, with one every
// half minute all the same, as a message may be lost.
const [OFTEN, SELDOM] = [2_000, 30_000];
let live = false;
let asked = Date.now();

/** Asks for what is shown of runs; nothing comes where nothing has changed. */
function refresh(wanted) {
  asked = Date.now();
  for (const part of document.querySelectorAll("[data-run]")) {
    if (wanted(part)) htmx.trigger(part, "run-changed");
  }
}

const awaits = (part) => "live" in part.dataset;

setInterval(() => {
  if (!document.hidden && Date.now() - asked >= (live ? SELDOM : OFTEN)) refresh(awaits);
}, 500);

async function listen(pause = 1_000) {
  const again = () => setTimeout(listen, pause, Math.min(pause * 2, 60_000));
  if (!document.querySelector("[data-live]")) return;
  let ticket;
  try {
    const answer = await fetch(`${base}/ws-ticket`, { method: "POST" });
    // There are no live updates here.
    if (answer.status === 503 || answer.status === 404) return;
    ticket = await answer.json();
  } catch {
    return again();
  }
  if (!ticket.url) return again();
  const socket = new WebSocket(`${ticket.url}?ticket=${encodeURIComponent(ticket.ticket)}`);
  socket.onopen = () => {
    live = true;
    pause = 1_000;
    document.body.dataset.connected = "";
    // What changed before it was open.
    refresh(awaits);
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "run") refresh((part) => part.dataset.run === message.run_id);
  };
  socket.onclose = () => {
    live = false;
    delete document.body.dataset.connected;
    again();
  };
}

// A page out of the browser's own memory may be old.
addEventListener("pageshow", ({ persisted }) => persisted && refresh(() => true));
document.addEventListener("visibilitychange", () => document.hidden || refresh(() => true));

localise(document);
tick();
setInterval(tick, 1000);
listen();
