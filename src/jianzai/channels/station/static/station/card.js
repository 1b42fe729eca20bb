/* Asks the card reader's service on this machine for the card and hands it on. Without this, a file does. */

const form = document.getElementById("card-form");
const silent = document.getElementById("card-silent");

document.getElementById("card-reader").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  silent.hidden = true;
  try {
    const answer = await fetch(form.dataset.reader, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(answer.statusText);
    form.elements.handover.value = await answer.text();
    form.elements.file.value = "";
    form.submit();
  } catch (error) {
    silent.hidden = false;
    button.disabled = false;
  }
});
