// What the page says to the emulator, and how it hears of changes.

/** Ask the control interface; with a body it is a POST. Throws an Error in the emulator's own words. */
export async function ask(path, body) {
  const given = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(`/_emulator/${path}`, given);
  const answer = await response.json();
  if (!answer.ok) throw new Error(answer.error);
  return answer;
}

/** Call `changed(isAnew)` after every change, one call at a time; `isAnew` says that all that was known may be stale. */
export function live(changed, lost) {
  let [isRunning, isWanted, isAnew, version] = [false, false, false, -1];
  const run = async () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      const anew = isAnew;
      [isWanted, isAnew] = [false, false];
      try {
        await changed(anew);
      } catch (error) {
        lost(error.message);
      }
    }
    isRunning = false;
  };
  const source = new EventSource("/_emulator/live");
  source.addEventListener("message", ({ data }) => {
    isAnew ||= Number(data) < version;
    version = Number(data);
    run();
  });
  source.addEventListener("error", () => {
    isAnew = true;
    lost("The emulator does not answer. Trying again…");
  });
  return run;
}
