{{/*
Names and labels. Every template of a node is given (dict "root" $ "node" VALUES): the chart it stands in, and the
values of one centre as charts/fengqiao-node/values.yaml has them.
*/}}

{{/* The address of a centre in its namespace. It holds no release, because neighbours find each other by it. */}}
{{- define "fengqiao.node.fullname" -}}
{{- .node.fullnameOverride | default (printf "%s-%s" .node.namePrefix .node.centre) -}}
{{- end }}

{{/* What never changes while a centre lives: the selectors of its workload are made of it. */}}
{{- define "fengqiao.node.selector" -}}
app.kubernetes.io/name: fengqiao-node
app.kubernetes.io/instance: {{ .root.Release.Name }}
fengqiao-centre: {{ .node.centre | quote }}
{{- end }}

{{- define "fengqiao.node.labels" -}}
{{ include "fengqiao.node.selector" . }}
{{ include "fengqiao.chart.labels" .root }}
{{- end }}

{{/* For what belongs to no centre; is given the chart. */}}
{{- define "fengqiao.chart.labels" -}}
app.kubernetes.io/part-of: fengqiao
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "fengqiao.image" -}}
{{- if .node.image.digest -}}
{{ .node.image.repository }}@{{ .node.image.digest }}
{{- else -}}
{{ .node.image.repository }}:{{ .node.image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* What the restricted profile of Pod Security asks of a pod. */}}
{{- define "fengqiao.pod.security" -}}
runAsNonRoot: true
runAsUser: {{ .node.user }}
runAsGroup: {{ .node.user }}
fsGroup: {{ .node.user }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* What the restricted profile asks of a container, and a root that nobody writes to. */}}
{{- define "fengqiao.container.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
