{{/* The pod of a node, the same under a Deployment and a StatefulSet. */}}
{{- define "fengqiao.node.pod" -}}
metadata:
  labels:
    {{- include "fengqiao.node.selector" . | nindent 4 }}
    app.kubernetes.io/part-of: fengqiao
    {{- with .node.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # A table is read once, at the start: a changed one has to restart the node.
    fengqiao/tables: {{ include "fengqiao.node.tables" . | sha256sum | trunc 16 | quote }}
    {{- with .node.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  automountServiceAccountToken: false
  # 147 services as variables in every pod would be a thousand lines that nobody reads.
  enableServiceLinks: false
  serviceAccountName: {{ .node.serviceAccountName | quote }}
  terminationGracePeriodSeconds: {{ .node.stop.graceSeconds }}
  securityContext: {{- include "fengqiao.pod.security" . | nindent 4 }}
  {{- with .node.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .node.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .node.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .node.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .node.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if gt (int .node.replicas) 1 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "fengqiao.node.selector" . | nindent 10 }}
  {{- end }}
  {{- if eq .node.migrations.mode "init" }}
  initContainers:
    - name: migrate
      {{- include "fengqiao.node.migrateContainer" . | nindent 6 }}
  {{- end }}
  containers:
    - name: node
      image: {{ include "fengqiao.image" . | quote }}
      imagePullPolicy: {{ .node.image.pullPolicy }}
      command: [fengqiao]
      args: [node, run, --centre, {{ .node.centre | quote }}]
      ports:
        - {name: grpc, containerPort: 7400, protocol: TCP}
        - {name: desk, containerPort: 8080, protocol: TCP}
        - {name: citizen, containerPort: 8081, protocol: TCP}
        - {name: ops, containerPort: 9090, protocol: TCP}
      env: {{- include "fengqiao.node.env" . | nindent 8 }}
      securityContext: {{- include "fengqiao.container.security" . | nindent 8 }}
      resources: {{- toYaml .node.resources | nindent 8 }}
      {{- include "fengqiao.node.probes" . | nindent 6 }}
      lifecycle:
        preStop:
          # Until every proxy knows that this pod is leaving, it goes on answering.
          sleep: {seconds: {{ .node.stop.preStopSeconds }}}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- include "fengqiao.node.mounts" . | nindent 8 }}
        {{- if or .node.files .node.calendars }}
        - {name: files, mountPath: /etc/fengqiao/files, readOnly: true}
        {{- end }}
        {{- if .node.kafka.caSecret.name }}
        - {name: kafka, mountPath: /etc/fengqiao/kafka, readOnly: true}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 256Mi}
    {{- include "fengqiao.node.volumes" (merge (dict "map" (include "fengqiao.node.topologyMap" .)) .) | nindent 4 }}
    {{- if or .node.files .node.calendars }}
    - name: files
      configMap: {name: {{ include "fengqiao.node.fullname" . }}-files}
    {{- end }}
    {{- with .node.kafka.caSecret }}
    {{- if .name }}
    - name: kafka
      secret:
        secretName: {{ .name }}
        items: [{key: {{ .key }}, path: ca.crt}]
    {{- end }}
    {{- end }}
{{- end }}

{{- define "fengqiao.node.tables" -}}
{{- list .node.topology .node.files .node.calendars (.tablesDigest | default "") | toJson -}}
{{- end }}

{{/*
The gRPC door opens when the store is there and answers for PostgreSQL: with it the start is over. Afterwards /live says
whether a restart would help and /ready whether the node can work; Kafka and the parent may be away (F37).
*/}}
{{- define "fengqiao.node.probes" -}}
{{- $probes := .node.probes -}}
startupProbe:
  grpc: {port: 7400}
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: {{ div (int $probes.startSeconds) 2 }}
livenessProbe:
  httpGet: {path: /live, port: ops}
  periodSeconds: {{ $probes.live.periodSeconds }}
  timeoutSeconds: {{ $probes.live.timeoutSeconds }}
  failureThreshold: {{ $probes.live.failureThreshold }}
readinessProbe:
  {{- if eq $probes.ready.by "grpc" }}
  grpc: {port: 7400}
  {{- else }}
  httpGet: {path: {{ printf "/%s/ready" .node.centre }}, port: ops}
  {{- end }}
  periodSeconds: {{ $probes.ready.periodSeconds }}
  timeoutSeconds: {{ $probes.ready.timeoutSeconds }}
  failureThreshold: {{ $probes.ready.failureThreshold }}
{{- end }}

{{- define "fengqiao.node.mounts" -}}
{{- if or .node.topology.csv .node.topology.configMap.name }}
- {name: topology, mountPath: /etc/fengqiao/topology, readOnly: true}
{{- end }}
{{- end }}

{{/* Is given `map`, the name of the ConfigMap with the list of centres. */}}
{{- define "fengqiao.node.volumes" -}}
{{- if .map }}
- name: topology
  configMap:
    name: {{ .map }}
    items: [{key: {{ ternary "topology.csv" .node.topology.configMap.key (not (empty .node.topology.csv)) }}, path: topology.csv}]
{{- end }}
{{- end }}
