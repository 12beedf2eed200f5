"use strict";
const figures = Object.entries(JSON.parse(document.getElementById("figures").textContent));
const settings = { displayModeBar: false, responsive: true, showTips: false };
const draw = ([id, figure]) =>
  Plotly.newPlot(document.getElementById(id), figure.data, figure.layout, settings);
const drawNext = () => {
  const next = figures.shift();
  if (next) draw(next).then(() => setTimeout(drawNext));
  else document.documentElement.dataset.drawn = "all";
};
const fit = () => document.querySelectorAll(".js-plotly-plot").forEach(Plotly.Plots.resize);
addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((one) => { one.open = !one.classList.contains("numbers"); });
  figures.splice(0).forEach(draw);
  fit();
});
addEventListener("afterprint", fit);
document.addEventListener("toggle", (event) => event.target.open && fit(), true);
drawNext();
