import { ask, signIn, signOut } from "./session.js";

const find = (id) => document.getElementById(id);
const [signInView, notesView, list, message] = ["sign-in", "notes", "list", "message"].map(find);
let shown = "";

function show(view, text = "") {
  signInView.hidden = view !== signInView;
  notesView.hidden = view !== notesView;
  message.textContent = text;
}

/** Shows what the API has; who is signed out elsewhere sees the sign-in again, at the next look. */
async function look() {
  const wasIn = !notesView.hidden;
  try {
    const answer = await ask("/api/notes");
    if (answer === undefined) return show(signInView, wasIn ? "You have been signed out." : message.textContent);
    if (!answer.ok) return;
    render(await answer.json());
    show(notesView);
  } catch (error) {
    message.textContent = error.message;
  }
}

function render(notes) {
  const text = JSON.stringify(notes);
  if (text === shown) return;
  shown = text;
  // textContent, never innerHTML: a note is what somebody typed.
  const items = notes.map((note) => Object.assign(document.createElement("li"), { textContent: note }));
  list.replaceChildren(...items.toReversed());
  find("empty").hidden = notes.length > 0;
}

find("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const problem = await signIn(form.email.value, form.password.value);
  if (problem !== undefined) return show(signInView, problem);
  form.reset();
  await look();
});

find("note-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { text } = event.target;
  const headers = { "content-type": "application/json" };
  await ask("/api/notes", { method: "POST", headers, body: JSON.stringify({ text: text.value }) });
  event.target.reset();
  await look();
});

find("sign-out").addEventListener("click", async () => {
  await signOut();
  shown = "";
  show(signInView, "You are signed out.");
});

await look();
document.body.dataset.ready = "";
setInterval(() => {
  if (!notesView.hidden) void look();
}, 500);
