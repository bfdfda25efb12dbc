// Gives the frame the height of the letter in it. Without script it scrolls.
const frame = document.querySelector("iframe");
const fit = () => {
  frame.style.height = 0; // a document is never less high than its frame
  frame.style.height = frame.contentDocument.documentElement.scrollHeight + 2 + "px";
};
frame.addEventListener("load", fit);
addEventListener("resize", fit);
if (frame.contentDocument.readyState === "complete") fit();
