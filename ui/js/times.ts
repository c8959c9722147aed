// <time data-time="ago"> grows older while the page stands open; [data-time=there][data-zone] tells the time elsewhere.
const units: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, "minute"],
  [3600, "hour"],
];
const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "narrow" });

function refresh(): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-time=ago]")) {
    const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
    const [size, unit] = Math.abs(seconds) < 3600 ? units[0]! : units[1]!;
    if (Math.abs(seconds) < 86_400 && Math.abs(seconds) > 60) element.textContent = format.format(Math.round(seconds / size), unit);
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-time=there]")) {
    const options: Intl.DateTimeFormatOptions = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const lang = document.documentElement.lang;
    element.textContent = new Date().toLocaleString(lang, { ...options, timeZone: element.dataset.zone }).replace(",", "");
  }
}

setInterval(refresh, 60_000);
