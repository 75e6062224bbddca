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
// What was just said of an answer stays until whoever reads it goes on.
callbacks.beforeNodeRemoved = (node) => !node.matches?.(".notice:focus");
document.addEventListener("input", ({ target }) => target.form && (target.form.dataset.touched = "yes"));
document.addEventListener("htmx:afterSettle", ({ target }) => {
  localise(target.parentElement ?? target);
  tick();
});
// What an answer came to is where the reader goes on.
document.addEventListener("htmx:afterSwap", ({ detail, target }) => {
  if (detail.requestConfig?.verb !== "post") return;
  const said = document.getElementById(target.id)?.querySelector(".notice");
  if (said) {
    // With a name nothing else is taken for it, when the part is shown anew.
    said.id = `said-${target.id}`;
    said.tabIndex = -1;
    said.focus();
  }
});

// ---- The connection ----------------------------------------------------------------------------------------------------

const connection = document.getElementById("connection");

const OLD = "No connection. What you see may be old; we keep trying.";
const REFUSED = "This could not be sent, so nothing was changed. Please try again.";
const UNKNOWN = "We do not know whether this arrived. Please send it again: it is done once all the same.";

// What is said of something that was sent stays long enough to be read, whatever is asked for meanwhile.
const LONG_ENOUGH = 8_000;
let said = 0;

function lost({ xhr, requestConfig: sent }) {
  if (sent.verb === "get") return old();
  // What was never sent, and what was refused before it came to us, has changed nothing; of anything else nobody knows.
  const refused = sent.offline || (xhr.status >= 400 && xhr.status < 500);
  connection.textContent = refused ? REFUSED : UNKNOWN;
  said = Date.now();
}

function old() {
  if (Date.now() - said >= LONG_ENOUGH) connection.textContent = OLD;
}

function found({ requestConfig: sent }) {
  if (sent.verb !== "get") said = 0;
  const left = said + LONG_ENOUGH - Date.now();
  const words = connection.textContent;
  if (words) setTimeout(() => connection.textContent === words && (connection.textContent = ""), Math.max(0, left));
}

document.addEventListener("htmx:beforeRequest", ({ detail, target }) =>
  Object.assign(detail.requestConfig, { from: target, offline: !navigator.onLine }),
);
// What is refused is said where the answer was given, if that is a part of a page. What is shown stays where asking for it anew fails.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const isPage = detail.xhr.getResponseHeader("content-type")?.startsWith("text/html");
  if (detail.xhr.status >= 400 && (detail.requestConfig.verb === "get" || !isPage)) {
    detail.shouldSwap = false;
    detail.isError = true;
  }
  // Only what was taken need not stay written.
  if (detail.xhr.status < 400) delete detail.requestConfig.from.dataset.touched;
});
document.addEventListener("htmx:sendError", ({ detail }) => lost(detail));
document.addEventListener("htmx:responseError", ({ detail }) => lost(detail));
document.addEventListener("htmx:afterRequest", ({ detail }) => detail.successful && found(detail));
addEventListener("offline", old);
addEventListener("online", () => refreshAll());

// ---- Live updates ------------------------------------------------------------------------------------------------------

// A socket says which run has changed; what is shown of it, or of all, is asked for then. Without one we ask every other second for what
// is under way, and every half minute all the same for everything, as a message may be lost.
const [OFTEN, SELDOM] = [2_000, 30_000];
let live = false;
let asked = Date.now();
let askedAll = Date.now();

/** Asks for what is shown of runs; nothing comes where nothing has changed. */
function refresh(wanted) {
  asked = Date.now();
  for (const part of document.querySelectorAll("[data-run]")) {
    if (wanted(part)) htmx.trigger(part, "run-changed");
  }
}

function refreshAll() {
  askedAll = Date.now();
  refresh(() => true);
}

const awaits = (part) => "live" in part.dataset;

setInterval(() => {
  if (document.hidden) return;
  if (Date.now() - askedAll >= SELDOM) refreshAll();
  else if (!live && Date.now() - asked >= OFTEN) refresh(awaits);
}, 500);

const hear = {
  run: ({ run_id: run }) => refresh((part) => part.dataset.run === run || part.dataset.run === "*"),
  // It may be of something new, such as what is recommended.
  notice: () => {
    htmx.trigger("#unread", "told");
    refresh((part) => part.dataset.run === "*");
  },
};

async function listen(pause = 1_000) {
  const again = () => setTimeout(listen, pause, Math.min(pause * 2, 60_000));
  if (!("listens" in document.body.dataset)) return;
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
    refreshAll();
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    hear[message.type]?.(message);
  };
  socket.onclose = () => {
    live = false;
    delete document.body.dataset.connected;
    again();
  };
}

// A page out of the browser's own memory may be old.
addEventListener("pageshow", ({ persisted }) => persisted && refreshAll());
document.addEventListener("visibilitychange", () => document.hidden || refreshAll());

// ---- Forms -------------------------------------------------------------------------------------------------------------

// Whoever has never said which clock is theirs most likely goes by this one.
const zone = document.querySelector("[name=zone][data-guess]");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;

// That something was saved is said once.
if (location.search === "?saved=yes") history.replaceState(null, "", location.pathname);

localise(document);
tick();
setInterval(tick, 1000);
listen();
