{{/*
What no schema can say of a node's values, because it is about two of them. Prints nothing; ends the rendering with a
sentence that says what to do.
*/}}
{{- define "fengqiao.node.check" -}}
{{- $node := .node -}}
{{- $who := printf "fengqiao-node %s" $node.centre -}}
{{- if and $node.database.host $node.database.dsnSecret.name -}}
  {{- fail (printf "%s: database.host 与 database.dsnSecret.name 只能填一个。Give either database.host or database.dsnSecret.name, not both." $who) -}}
{{- end -}}
{{- if not (or $node.database.host $node.database.dsnSecret.name) -}}
  {{- fail (printf "%s: 没有数据库。Name the database: database.host (with database.passwordSecret.name), or database.dsnSecret.name." $who) -}}
{{- end -}}
{{- if and (gt (int $node.replicas) 1) (not $node.formSecret.name) -}}
  {{- fail (printf "%s: 多副本必须共用表单密钥。More than one replica: a form that one has shown comes back to another, so set formSecret.name." $who) -}}
{{- end -}}
{{- if and $node.topology.csv $node.topology.configMap.name -}}
  {{- fail (printf "%s: topology.csv 与 topology.configMap.name 只能填一个。Give either topology.csv or topology.configMap.name, not both." $who) -}}
{{- end -}}
{{- if and $node.kafka.username (not $node.kafka.passwordSecret.name) -}}
  {{- fail (printf "%s: 缺少 Kafka 口令。kafka.username needs kafka.passwordSecret.name." $who) -}}
{{- end -}}
{{- $needed := add (int $node.stop.preStopSeconds) (int (include "fengqiao.node.stopSeconds" .)) -}}
{{- if lt (int $node.stop.graceSeconds) (int $needed) -}}
  {{- fail (printf "%s: stop.graceSeconds 至少 %d。A node needs up to %d s to stop in order; stop.graceSeconds is %d." $who $needed $needed (int $node.stop.graceSeconds)) -}}
{{- end -}}
{{- if $node.topology.csv -}}
  {{- $codes := list -}}
  {{- range include "fengqiao.topology" $node.topology.csv | fromJsonArray }}{{ $codes = append $codes .code }}{{ end -}}
  {{- if not (has $node.centre $codes) -}}
    {{- fail (printf "%s: 名单中没有该中心。topology.csv has %d centres and %s is none of them." $who (len $codes) $node.centre) -}}
  {{- end -}}
{{- end -}}
{{- end }}

{{/* How long the program takes to stop at most, seconds; tests/chart holds it to the program's own deadlines. */}}
{{- define "fengqiao.node.stopSeconds" -}}20{{- end }}
