(() => {
  "use strict";
  const plan = JSON.parse(document.getElementById("plan").textContent);
  const queue = document.getElementById("queue"), day = document.getElementById("day");
  const look = document.getElementById("look"), table = document.getElementById("looktable");
  const SVG = "http://www.w3.org/2000/svg", WIDTH = 1160, LEFT = 48, RIGHT = 8, PANEL = 130, GAP = 34;

  const node = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const cell = (name, text, kind) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const nice = (most) => {
    const power = Math.pow(10, Math.floor(Math.log10(Math.max(most, 1))));
    return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((top) => top >= most) || 1;
  };
  const said = (value) => (value === null ? "–" : value.toLocaleString("en"));

  function panel(svg, top, name, most, count, times) {
    const ceiling = nice(most), floor = top + PANEL;
    const x = (place) => LEFT + ((WIDTH - LEFT - RIGHT) * place) / count;
    const y = (value) => floor - (PANEL * value) / ceiling;
    svg.append(node("text", { class: "name", x: LEFT, y: top - 8 }, name));
    for (const share of [0, 0.5, 1]) {
      svg.append(node("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(share * ceiling), y2: y(share * ceiling) }));
      svg.append(node("text", { class: "axis end", x: LEFT - 6, y: y(share * ceiling), dy: "0.32em" }, said(share * ceiling)));
    }
    const every = Math.max(1, Math.ceil(count / 24));
    times.forEach((time, place) => {
      if (place % every === 0 && (count <= 26 || time.endsWith("00"))) svg.append(node("text", { class: "axis", x: x(place), y: floor + 15 }, time));
    });
    return { x, y, floor };
  }

  const steps = (x, y, values) => values.map((value, place) => `${place ? "L" : "M"}${x(place)} ${y(value)}H${x(place + 1)}`).join("");

  function draw() {
    const rows = (plan.plan[queue.value] || {})[day.value];
    look.replaceChildren();
    table.replaceChildren();
    if (!rows) {
      look.append(cell("p", "Closed on this day."));
      return;
    }
    const count = rows.time.length, height = 2 * (PANEL + GAP) + 16;
    const words = `${queue.selectedOptions[0].text}, ${day.selectedOptions[0].text}`;
    const svg = node("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": `${words}: contacts and people per interval` });
    const high = rows.high.map((value, place) => (value === null ? rows.mean[place] : value));
    const low = rows.low.map((value, place) => (value === null ? rows.mean[place] : value));
    const top = panel(svg, 24, `Contacts expected per interval, with 80 % band (${words})`, Math.max(...high), count, rows.time);
    rows.mean.forEach((mean, place) => {
      svg.append(node("rect", { class: "span", x: top.x(place), y: top.y(high[place]), width: top.x(1) - top.x(0), height: top.y(low[place]) - top.y(high[place]) }));
    });
    svg.append(node("path", { class: "mean", d: steps(top.x, top.y, rows.mean) }));
    const below = panel(svg, 24 + PANEL + GAP + 8, "People to schedule (area) and positions needed (line)", Math.max(...rows.people), count, rows.time);
    svg.append(node("path", { class: "area", d: `M${below.x(0)} ${below.floor}${steps(below.x, below.y, rows.people).replace("M", "L")}V${below.floor}Z` }));
    svg.append(node("path", { class: "steps", d: steps(below.x, below.y, rows.positions) }));
    rows.time.forEach((time, place) => {
      const hit = node("rect", { x: top.x(place), y: 20, width: top.x(1) - top.x(0), height: height - 24, fill: "transparent" });
      hit.append(node("title", {}, `${time}: ${said(rows.mean[place])} contacts (${said(low[place])} to ${said(high[place])}), ${rows.positions[place]} positions, ${rows.people[place]} people, service level ${said(rows.level[place])} %\n${plan.reasons[rows.why[place]]}`));
      svg.append(hit);
    });
    look.append(svg);
    list(rows, words);
  }

  function list(rows, words) {
    const made = document.createElement("table"), head = made.createTHead().insertRow(), body = made.createTBody();
    made.prepend(cell("caption", words));
    const titles = ["Local time", "Contacts", "80 % band", "Handle time, s", "Positions", "Erlang A – C", "People", "Service level", "Occupancy", "Why"];
    titles.forEach((title, place) => {
      const heading = cell("th", title, place && place < 9 ? "n" : "");
      heading.scope = "col";
      head.append(heading);
    });
    rows.time.forEach((time, place) => {
      const row = body.insertRow();
      [time, said(rows.mean[place]), `${said(rows.low[place])} – ${said(rows.high[place])}`, said(rows.handle[place]), said(rows.positions[place]),
        rows.bracket[place], said(rows.people[place]), `${said(rows.level[place])} %`, `${said(rows.busy[place])} %`, plan.reasons[rows.why[place]]]
        .forEach((text, column) => row.append(cell("td", text, column && column < 9 ? "n" : "")));
    });
    table.append(made);
  }

  plan.queues.forEach(([id, name]) => queue.add(new Option(name, id)));
  plan.days.forEach(([id, name]) => day.add(new Option(name, id)));
  queue.addEventListener("change", draw);
  day.addEventListener("change", draw);
  draw();
})();
