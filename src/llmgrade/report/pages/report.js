"use strict";
// A link to a part opens it; a link into the chat scrolls the chat alone on wide screens.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const part = target.closest("details");
  if (part) part.open = true;
  target.scrollIntoView({ block: "center", behavior: "smooth" });
}
addEventListener("hashchange", reveal);
if (location.hash) reveal();
