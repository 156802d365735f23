// Charts of the pages of performance. Each is drawn from the table beside it, which stays: the chart is for the eye, the
// table for everybody, and without scripts nothing is missing. Patterns as well as colours tell the series apart.
"use strict";

const INK = "#4b5760";
const LINE = "#dce1e4";
const SERIES = ["#0b5f63", "#87939c", "#1c2429"];

function numbers(table) {
  return Array.from(table.tBodies[0].rows, (row) => ({
    name: row.cells[0].textContent.trim(),
    values: Array.from(row.querySelectorAll("[data-value]"), (cell) =>
      cell.dataset.value === "" ? null : Number(cell.dataset.value)),
  }));
}

function months(element, table) {
  const heads = Array.from(table.tHead.rows[0].cells, (cell) => cell.textContent.trim());
  const rows = numbers(table);
  const axis = { axisLabel: { color: INK }, axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false } };
  const column = (index) => rows.map((row) => row.values[index]);
  return {
    animation: false,
    color: SERIES,
    aria: { enabled: false, decal: { show: true } },
    grid: { left: 8, right: 8, top: 32, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: INK }, itemHeight: 10 },
    xAxis: { type: "category", data: rows.map((row) => row.name), ...axis },
    yAxis: [
      { type: "value", min: 0, splitLine: { lineStyle: { color: LINE } }, ...axis },
      { type: "value", min: 0, max: 100, splitLine: { show: false }, ...axis, axisLabel: { color: INK, formatter: "{value} %" } },
    ],
    series: [
      { name: heads[1], type: "bar", data: column(0), barMaxWidth: 22 },
      { name: heads[2], type: "bar", data: column(1), barMaxWidth: 22 },
      { name: heads[3], type: "line", data: column(2), yAxisIndex: 1, symbolSize: 6,
        label: { show: true, color: SERIES[2], formatter: (point) => (point.value === null ? "" : `${point.value} %`) } },
    ],
  };
}

const DRAWN = { months };

function draw() {
  for (const element of document.querySelectorAll("[data-chart]")) {
    const table = document.getElementById(`${element.dataset.chart}-table`);
    if (!table || element.dataset.drawn) continue;
    element.dataset.drawn = "yes";
    element.hidden = false;
    const chart = echarts.init(element);
    chart.setOption(DRAWN[element.dataset.chart](element, table));
    addEventListener("resize", () => chart.resize());
  }
}

draw();
