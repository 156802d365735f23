// What a board's JSON has to be: Grafana's own types, with words instead of enums, and each kind of panel with its own options.
import type * as dashboard from '../../node_modules/@grafana/schema/dist/esm/raw/dashboard/x/dashboard_types.gen';
import type * as bargauge from '../../node_modules/@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as heatmap from '../../node_modules/@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat from '../../node_modules/@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as states from '../../node_modules/@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '../../node_modules/@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as lines from '../../node_modules/@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

type Plain<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends Array<infer Each>
      ? Plain<Each>[]
      : T extends object
        ? { [Key in keyof T]: Plain<T[Key]> }
        : T;

interface Kinds {
  bargauge: [bargauge.Options, never];
  heatmap: [heatmap.Options, heatmap.FieldConfig];
  stat: [stat.Options, never];
  'state-timeline': [states.Options, states.FieldConfig];
  table: [table.Options, table.FieldConfig];
  timeseries: [lines.Options, lines.FieldConfig];
}

interface Query {
  datasource: { type: 'prometheus'; uid: string };
  editorMode: 'code';
  expr: string;
  format: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
  legendFormat?: string;
  range: boolean;
  refId: string;
}

type Shared = Omit<Plain<dashboard.Panel>, 'type' | 'options' | 'fieldConfig' | 'targets'>;
type Fields<Custom> = Omit<Plain<dashboard.FieldConfig>, 'custom'> & { custom?: Partial<Plain<Custom>> };

type Panel = {
  [Kind in keyof Kinds]: Shared & {
    type: Kind;
    targets: Query[];
    options: Partial<Plain<Kinds[Kind][0]>>;
    fieldConfig: { defaults: Fields<Kinds[Kind][1]>; overrides: Plain<dashboard.FieldConfigSource['overrides']> };
  };
}[keyof Kinds];

export type Board = Omit<Plain<dashboard.Dashboard>, 'panels'> & { panels: (Panel | Plain<dashboard.RowPanel>)[] };
